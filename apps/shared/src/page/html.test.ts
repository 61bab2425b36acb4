import { expect, it } from "vitest";
import { html } from "./html.ts";

it("escapes values and keeps markup", () => {
  const name = `<i title="a">'&'</i>`;
  const escaped = "&lt;i title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/i&gt;";
  expect(html`<b>${name}</b>${html`<i>0</i>`}${[html`<p>1</p>`]}${undefined}${2}`.markup).toBe(
    `<b>${escaped}</b><i>0</i><p>1</p>2`,
  );
});
