import { Stack } from "@mantine/core";
import { ReadyToCopy } from "@/ui/ReadyToCopy";
import { agentCommand, extensionLink, type Made, SOMEBODY } from "./enrolling";
import { ShortCode } from "./ShortCode";

/** How a token that was just made is used. */
export function ReadyToEnrol({ made }: { made: Made }) {
  const here = window.location.origin;
  return (
    <Stack gap="sm">
      <ReadyToCopy
        title="For a computer with the agent:"
        action="Copy the command"
        text={agentCommand(here, made)}
      />
      <ReadyToCopy
        title="For a browser with the extension, into the first field of its settings:"
        action="Copy the link"
        text={extensionLink(here, made.email, { token: made.token })}
      />
      <ShortCode tokenId={made.id} email={made.email} />
      <span>
        {made.email === null &&
          `Put the person's e-mail in place of ${SOMEBODY}; the extension asks for it. `}
        Other programs ask for three things: this server, <b>{here}</b>; the token; and the e-mail of the
        person whose usage the device will send.
      </span>
    </Stack>
  );
}
