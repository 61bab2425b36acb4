import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"33. turbo builds; types and tests run once, over the sources","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0033-turbo-builds-only.md","filePath":"docs/decisions/0033-turbo-builds-only.md"}');
const _sfc_main = { name: "decisions/0033-turbo-builds-only.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="33-turbo-builds-types-and-tests-run-once-over-the-sources" tabindex="-1">33. turbo builds; types and tests run once, over the sources <a class="header-anchor" href="#33-turbo-builds-types-and-tests-run-once-over-the-sources" aria-label="Permalink to &quot;33. turbo builds; types and tests run once, over the sources&quot;">​</a></h1><p><code>turbo</code> runs <code>build</code>, and nothing else: packages depend on each other&#39;s <code>dist</code>, and a build that is cached takes less than a second (16 packages: 33 s from nothing, 0.8 s from the cache, both on a busy machine). <code>npm start</code>, the end-to-end tests and the compatibility checks call it.</p><p>Types and tests read the sources of all packages (decision 4), so that nothing has to be built for them. There a task per package costs more than its cache saves:</p><table tabindex="0"><thead><tr><th></th><th>CPU time</th></tr></thead><tbody><tr><td><code>tsc</code>, all packages and apps at once</td><td>7 s</td></tr><tr><td><code>tsc</code>, one run per package, after a change in core</td><td>26 s: each run checks core again</td></tr><tr><td><code>tsc</code>, one run per package, after a change in a package that no other imports</td><td>1 to 3 s</td></tr><tr><td><code>vitest</code>, one run per package</td><td>1.8 s more per package, for its start</td></tr></tbody></table><ul><li>Most changes are in core, or in what core&#39;s dependents read; they invalidate every task. CI starts without a cache.</li><li>A cached test is only as good as its list of inputs. Tests read documents, examples, <code>schema.graphql</code> and the sources of other packages; an input that is not on the list gives a green result for code that was never run. For an authentication library that price is too high.</li><li>For one package <code>npx vitest run packages/koa</code> is as quick as a cache would be, and <code>npx vitest --changed</code> finds by the imports what a change reaches.</li></ul><p>To be looked at again if <code>tsc</code> over all packages takes more than 30 s, or CI gets a cache that its runs share.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0033-turbo-builds-only.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0033TurboBuildsOnly = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0033TurboBuildsOnly as default
};
