import { Button, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { fieldErrors } from "@/api/act";
import { useChangePassword, useSession } from "@/api/session";
import { FormError } from "@/ui/FormError";

/** As the server has it; it says so itself where it wants more. */
const SHORTEST = 10;

export function PasswordForm() {
  const { email } = useSession();
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current_password: "", new_password: "", again: "" },
    validate: {
      current_password: (present) => (present ? null : "Type your present password."),
      new_password: (wanted) => (wanted.length < SHORTEST ? `At least ${SHORTEST} characters.` : null),
      again: (again, { new_password }) => (again === new_password ? null : "The two are not the same."),
    },
  });
  const submit = form.onSubmit(({ current_password, new_password }) =>
    change.mutate(
      { current_password, new_password },
      {
        onSuccess: () => {
          form.reset();
          notifications.show({ message: "Your password is changed.", color: "teal" });
        },
        onError: (failed) => form.setErrors(fieldErrors(failed)),
      },
    ),
  );
  return (
    <form onSubmit={submit}>
      <Stack maw={380}>
        <FormError>{form.errors[""]}</FormError>
        {/* Password managers want to know whose password it is. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          {...form.getInputProps("current_password")}
        />
        <PasswordInput
          label="New password"
          description={`At least ${SHORTEST} characters.`}
          autoComplete="new-password"
          {...form.getInputProps("new_password")}
        />
        <PasswordInput label="The same again" autoComplete="new-password" {...form.getInputProps("again")} />
        <Button type="submit" loading={change.isPending} w="fit-content">
          Change password
        </Button>
      </Stack>
    </form>
  );
}
