import { Table } from "@mantine/core";
import { useSession } from "@/api/session";
import { Page, Section } from "@/ui/Page";
import { Mails } from "./Mails";
import { PasswordForm } from "./PasswordForm";

export default function AccountPage() {
  const { name, email, role, organization } = useSession();
  const facts = { Name: name, "E-mail": email, Role: role, Organisation: organization };
  return (
    <Page title="Account">
      <Section title="You" about="An admin of your organisation can change these.">
        <Table aria-label="You" maw={560} verticalSpacing={6}>
          <Table.Tbody>
            {Object.entries(facts).map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th scope="row" fw={400} c="dimmed" w={130}>
                  {label}
                </Table.Th>
                <Table.Td className="names">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
      <Mails />
      <Section
        title="Password"
        about="When you change it you stay signed in here, and are signed out everywhere else."
      >
        <PasswordForm />
      </Section>
    </Page>
  );
}
