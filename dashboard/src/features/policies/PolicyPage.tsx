import { Button, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { fieldErrors } from "@/api/act";
import { useMay } from "@/api/session";
import { confirm } from "@/ui/confirm";
import { FormError } from "@/ui/FormError";
import { Page, Section } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { Waiting } from "@/ui/states";
import { ConditionGroup } from "./ConditionTree";
import { Firings } from "./Firings";
import { ActionFields, TriggerFields } from "./Parts";
import {
  type Policy,
  policyQuery,
  useArchivePolicy,
  useChangePolicy,
  useSetStatus,
  type Verb,
} from "./queries";
import { TestPanel } from "./TestPanel";
import { type Draft, draftOf, isWhole, matchesOf, STATUS } from "./words";

const SEVERITIES = ["info", "warning", "critical"] as const;

/** One policy: what it says, what it would have done, when it fired. */
export default function PolicyPage() {
  const { policyId = "" } = useParams({ strict: false }) as { policyId?: string };
  const { data: policy } = useSuspenseQuery(policyQuery(policyId));
  return <OnePolicy key={policy.version} policy={policy} />;
}

function OnePolicy({ policy }: { policy: Policy }) {
  const [draft, setDraft] = useState(() => draftOf(policy));
  const mayWrite = useMay("policies:write") && policy.archived_at === null;
  const change = useChangePolicy(policy.id);
  const { word, color, about } = STATUS[policy.status];
  return (
    <Page
      title={policy.name}
      about={
        <>
          <Standing color={color}>{word}</Standing> {about} Version {policy.version}.
        </>
      }
      actions={mayWrite && <Steps policy={policy} />}
    >
      <Editor
        draft={draft}
        onChange={setDraft}
        readOnly={!mayWrite}
        errors={change.error ? fieldErrors(change.error) : {}}
        actions={
          <Button
            loading={change.isPending}
            disabled={!isWhole(draft) || draft.name.trim() === ""}
            onClick={() => change.mutate(draft)}
          >
            Keep the changes
          </Button>
        }
      />
      <Section title="When it fired">
        <Suspense fallback={<Waiting />}>
          <Firings policyId={policy.id} />
        </Suspense>
      </Section>
    </Page>
  );
}

type EditorProps = {
  draft: Draft;
  onChange: (draft: Draft) => void;
  errors: Record<string, string>;
  actions: React.ReactNode;
  readOnly?: boolean;
};

export function Editor({ draft, onChange, errors, actions, readOnly = false }: EditorProps) {
  const put = (changes: Partial<Draft>) => onChange({ ...draft, ...changes });
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <fieldset disabled={readOnly} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
        <Stack gap="md">
          <FormError>{Object.values(errors)[0]}</FormError>
          <TextInput
            label="Name"
            required
            maxLength={120}
            dir="auto"
            value={draft.name}
            onChange={({ target }) => put({ name: target.value })}
          />
          <Textarea
            label="What it is for"
            autosize
            maxLength={2000}
            dir="auto"
            value={draft.description}
            onChange={({ target }) => put({ description: target.value })}
          />
          <TriggerFields
            trigger={draft.trigger}
            onChange={(trigger) =>
              put({
                trigger,
                ...(trigger.type !== draft.trigger.type && {
                  conditions: { match: "all", conditions: [] },
                }),
              })
            }
          />
          <Section title="Only if">
            <ConditionGroup
              group={draft.conditions}
              matches={matchesOf(draft.trigger.type)}
              onChange={(conditions) => put({ conditions })}
            />
          </Section>
          <Section title="Then">
            <ActionFields actions={draft.actions} onChange={(changed) => put({ actions: changed })} />
          </Section>
          <Select
            label="Severity of the alert"
            description="Every firing makes an alert."
            allowDeselect={false}
            value={draft.severity}
            data={[...SEVERITIES]}
            onChange={(severity) =>
              put({ severity: SEVERITIES.find((one) => one === severity) ?? "warning" })
            }
          />
          {!readOnly && <Group>{actions}</Group>}
        </Stack>
      </fieldset>
      {readOnly ? (
        <Text c="dimmed">An owner or admin can change a policy, and try it on what happened.</Text>
      ) : (
        <TestPanel draft={draft} />
      )}
    </SimpleGrid>
  );
}

const ASKED: Record<Verb, { label: string; title: string; says: string }> = {
  publish: {
    label: "Publish",
    title: "Publish this policy?",
    says: "From now on it acts: it makes alerts, and does all that stands under “Then”.",
  },
  shadow: {
    label: "Try on paper",
    title: "Try this policy on paper?",
    says: "It fires from now on, is listed, and does nothing.",
  },
  disable: {
    label: "Disable",
    title: "Disable this policy?",
    says: "It does nothing any more. Blocks it has made go on until they end or are lifted.",
  },
};

function Steps({ policy }: { policy: Policy }) {
  const verbs: Verb[] = [
    ...(policy.status === "shadow" || policy.status === "published" ? [] : (["shadow"] as const)),
    ...(policy.status === "published" ? [] : (["publish"] as const)),
    ...(policy.status === "draft" || policy.status === "disabled" ? [] : (["disable"] as const)),
  ];
  return (
    <>
      {verbs.map((verb) => (
        <Step key={verb} policy={policy} verb={verb} />
      ))}
      <Archive policy={policy} />
    </>
  );
}

function Step({ policy, verb }: { policy: Policy; verb: Verb }) {
  const set = useSetStatus(policy.id, verb);
  const { label, title, says } = ASKED[verb];
  return (
    <Button
      variant={verb === "publish" ? "filled" : "default"}
      loading={set.isPending}
      onClick={() =>
        confirm({ title, children: says, action: label, onConfirm: () => set.mutate(undefined) })
      }
    >
      {label}
    </Button>
  );
}

function Archive({ policy }: { policy: Policy }) {
  const archive = useArchivePolicy();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: "Archive this policy?",
      children: "It leaves the list and does nothing any more. Its versions and firings stay on record.",
      action: "Archive",
      danger: true,
      onConfirm: () => archive.mutate(policy.id, { onSuccess: () => void navigate({ to: "/policies" }) }),
    });
  return (
    <>
      <Button variant="default" color="red" loading={archive.isPending} onClick={ask}>
        Archive
      </Button>
      <Button component={Link} to="/policies" variant="subtle">
        All policies
      </Button>
    </>
  );
}
