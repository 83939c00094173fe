/** Who is told of what happens: programs, channels of Slack, and oneself. */

import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Webhook = Schemas["WebhookAnswer"];
export type NewWebhook = Schemas["NewWebhook"];
export type Delivery = Schemas["DeliveryAnswer"];

export const webhooksQuery = listQuery<Webhook>(["webhooks", "list"], (cursor) =>
  answer(api.GET("/v1/webhooks", { params: { query: { cursor, limit: 25 } } })),
);

export const webhookQuery = (webhook_id: string) =>
  queryOptions({
    queryKey: ["webhooks", webhook_id],
    queryFn: () => answer(api.GET("/v1/webhooks/{webhook_id}", { params: { path: { webhook_id } } })),
  });

export const deliveriesQuery = (webhook_id: string, status: Delivery["status"] | undefined) =>
  listQuery<Delivery>(["webhooks", webhook_id, "deliveries", status], (cursor) =>
    answer(
      api.GET("/v1/webhooks/{webhook_id}/deliveries", {
        params: { path: { webhook_id }, query: { status, cursor, limit: 25 } },
      }),
    ),
  );

export const slackQuery = queryOptions({
  queryKey: ["slack"],
  queryFn: () => answer(api.GET("/v1/integrations/slack")),
});

export const mailsQuery = queryOptions({
  queryKey: ["notifications"],
  queryFn: () => answer(api.GET("/v1/me/notifications")),
});

const TOUCHES = [["webhooks"], ["audit-log"]];

export const useMakeWebhook = () =>
  useAct({
    act: (body: NewWebhook) => answer(api.POST("/v1/webhooks", { body })),
    touches: TOUCHES,
    quiet: true,
  });

export const useChangeWebhook = (webhook_id: string) =>
  useAct({
    act: (body: Schemas["WebhookChange"]) =>
      answer(api.PATCH("/v1/webhooks/{webhook_id}", { params: { path: { webhook_id } }, body })),
    touches: TOUCHES,
  });

export const useArchiveWebhook = (webhook_id: string) =>
  useAct({
    act: () => answer(api.DELETE("/v1/webhooks/{webhook_id}", { params: { path: { webhook_id } } })),
    touches: TOUCHES,
    done: "It is archived. What was sent stays readable through the API.",
  });

export const useNewSecret = (webhook_id: string) =>
  useAct({
    act: () => answer(api.POST("/v1/webhooks/{webhook_id}/secret", { params: { path: { webhook_id } } })),
    touches: TOUCHES,
  });

export const useSendTest = (webhook_id: string) =>
  useAct({
    act: () => answer(api.POST("/v1/webhooks/{webhook_id}/test", { params: { path: { webhook_id } } })),
    touches: TOUCHES,
    done: "A test is on its way. The log shows whether it was taken.",
  });

export const useResend = (webhook_id: string) =>
  useAct({
    act: (delivery_id: string) =>
      answer(
        api.POST("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", {
          params: { path: { webhook_id, delivery_id } },
        }),
      ),
    touches: TOUCHES,
  });

export const useConnectSlack = () =>
  useAct({
    act: (token: string) => answer(api.PUT("/v1/integrations/slack", { body: { token } })),
    touches: [["slack"], ["audit-log"]],
    quiet: true,
    done: "Slack is connected. Add a channel as a receiver.",
  });

export const useDisconnectSlack = () =>
  useAct({
    act: () => answer(api.DELETE("/v1/integrations/slack")),
    touches: [["slack"], ["audit-log"]],
    done: "Slack is disconnected. Its token is forgotten.",
  });

export const useChooseMails = () =>
  useAct({
    act: (body: Schemas["Notifications"]) => answer(api.PUT("/v1/me/notifications", { body })),
    touches: [["notifications"], ["audit-log"]],
    done: "Kept.",
  });
