import { Alert } from "@mantine/core";
import type { ReactNode } from "react";

/** Why a form as a whole was refused; nothing when it was not. */
export function FormError({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {children}
    </Alert>
  );
}
