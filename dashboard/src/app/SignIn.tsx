import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDocumentTitle } from "@mantine/hooks";
import { reasonOf } from "@/api/act";
import { useSignIn } from "@/api/session";
import { FormError } from "@/ui/FormError";

export function SignIn({ expired }: { expired: boolean }) {
  useDocumentTitle("Sign in · Toktra");
  const signIn = useSignIn();
  const form = useForm({ initialValues: { email: "", password: "" } });
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
          <Stack>
            <Title order={1} size="h3">
              Sign in to Toktra
            </Title>
            {expired && !signIn.isError && (
              <Alert color="yellow" variant="light">
                Your session has ended. Sign in again and you are back where you were.
              </Alert>
            )}
            <FormError>{signIn.isError && reasonOf(signIn.error)}</FormError>
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              autoFocus
              {...form.getInputProps("email")}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              {...form.getInputProps("password")}
            />
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Text size="sm" c="dimmed">
              No account, or no password any more? An admin of your organisation can send you an invitation.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
