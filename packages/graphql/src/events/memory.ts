import { checkTopic, type Events, Subscribers } from "./events.ts";
import { toText } from "./event-text.ts";

/**
 * Makes events within one process. Subscribers get a copy of each event, as they do with other events, so that a record that
 * cannot be sent between instances is found in development.
 * @example
 * import { memoryEvents, publishMutations } from "@authmodes/graphql/events";
 * export const published = publishMutations(schema, { events: memoryEvents() });
 */
export function memoryEvents(): Events {
  const subscribers = new Subscribers();
  return {
    async publish(topic, event) {
      checkTopic(topic);
      subscribers.deliver(topic, toText(event));
    },
    subscribe: async (topic) => subscribers.add(topic),
    close: async () => subscribers.close(),
  };
}
