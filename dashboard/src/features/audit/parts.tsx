import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Raw } from "@/lib/view";
import { Named, shortId } from "@/ui/Named";
import type { AuditView } from "./view";
import { type Entry, sentenceOf, whoOf } from "./words";

/** Who did it. */
export function Actor({ entry }: { entry: Entry }) {
  const who = whoOf(entry);
  if ("email" in who) return <bdi>{who.email}</bdi>;
  if ("userId" in who) return <Named kind="user" id={who.userId} />;
  return (
    <Text span inherit c="dimmed">
      {who.word}
    </Text>
  );
}

/** What was done, and to whom or what. */
export function Sentence({ entry }: { entry: Entry }) {
  const { did, subject } = sentenceOf(entry);
  return (
    <>
      {did}{" "}
      {subject && (
        <Text span inherit fw={600}>
          {subject.name ? (
            <bdi>{subject.name}</bdi>
          ) : subject.kind ? (
            <Named kind={subject.kind} id={subject.id} />
          ) : (
            <span title={subject.id}>{shortId(subject.id)}</span>
          )}
        </Text>
      )}
    </>
  );
}

/** Leads to the same page with some of its view changed. */
export function ViewLink({ changes, children }: { changes: Partial<AuditView>; children: ReactNode }) {
  return (
    <Anchor
      component={Link}
      to="."
      search={((before: Raw) => ({ ...before, ...changes })) as never}
      resetScroll={false}
      inherit
    >
      {children}
    </Anchor>
  );
}
