import { Anchor, Code, List } from "@mantine/core";
import { Section } from "@/ui/Page";

export function HowToCall() {
  const origin = window.location.origin;
  return (
    <Section title="How to call the API">
      <List size="sm" spacing={6} className="names">
        <List.Item>
          Everything is under <Code>{origin}/v1</Code>, and speaks JSON.
        </List.Item>
        <List.Item>
          Each request carries <Code>Authorization: Bearer</Code> and an API key, or a client's token from{" "}
          <Code>POST /v1/oauth/token</Code>.
        </List.Item>
        <List.Item>
          Each credential may make 1,000 requests a minute. <Code>X-RateLimit-Remaining</Code> says what is
          left; beyond it the answer is 429, and <Code>Retry-After</Code> says how many seconds to wait.
        </List.Item>
        <List.Item>
          A request that changes something may carry an <Code>Idempotency-Key</Code>: sent again within 24
          hours, it changes nothing more.
        </List.Item>
        <List.Item>
          <Anchor href="/schema" target="_blank" rel="noreferrer" inherit underline="always">
            The OpenAPI document
          </Anchor>{" "}
          has every route, field and error.
        </List.Item>
      </List>
    </Section>
  );
}
