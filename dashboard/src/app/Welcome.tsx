import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { reasonOf } from "@/api/act";
import { useAcceptInvitation } from "@/api/session";
import { FormError } from "@/ui/FormError";

/** Where an invitation leads: setting one's password. The token is behind the #, so that no server logs it. */
export function Welcome() {
  useDocumentTitle("Welcome · Toktra");
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
  const accept = useAcceptInvitation();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { password: "", again: "" },
    validate: { again: (again, { password }) => (again === password ? null : "The two are not the same.") },
  });
  const submit = ({ password }: { password: string }) =>
    accept.mutate({ token, password }, { onSuccess: () => void navigate({ to: "/" }) });
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={420}>
        <form onSubmit={form.onSubmit(submit)}>
          <Stack>
            <Title order={1} size="h3">
              Welcome to Toktra
            </Title>
            <Text c="dimmed">Choose a password of at least 10 characters. Then you are signed in.</Text>
            {!token && (
              <Alert color="red">This link is not whole. Open it again as it was sent to you.</Alert>
            )}
            <FormError>{accept.isError && reasonOf(accept.error)}</FormError>
            <PasswordInput
              label="Password"
              autoComplete="new-password"
              required
              {...form.getInputProps("password")}
            />
            <PasswordInput
              label="The same again"
              autoComplete="new-password"
              required
              {...form.getInputProps("again")}
            />
            <Button type="submit" loading={accept.isPending} disabled={!token}>
              Set password
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
