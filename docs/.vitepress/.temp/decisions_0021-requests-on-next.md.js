import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"21. What a handler on Next is verified against","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0021-requests-on-next.md","filePath":"docs/decisions/0021-requests-on-next.md"}');
const _sfc_main = { name: "decisions/0021-requests-on-next.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="21-what-a-handler-on-next-is-verified-against" tabindex="-1">21. What a handler on Next is verified against <a class="header-anchor" href="#21-what-a-handler-on-next-is-verified-against" aria-label="Permalink to &quot;21. What a handler on Next is verified against&quot;">​</a></h1><p>A route handler on Next gets a URL that was parsed and written anew and headers without repeats. A signature is made over neither, and a second <code>Authorization</code> cannot be seen. Server components get headers and cookies, but no method and no path.</p><ul><li>On Node the adapter listens to the channel <code>http.server.request.start</code>, which tells of a request before Next hears of it, and keeps method, target and headers in the asynchronous context of that request. No custom server is needed.</li><li>What was kept counts only where method and path are those of the request that Next hands on: Next answers some requests with the help of others that nobody sent.</li><li>Where nothing was kept (another runtime, a module that was loaded during the first request) the rebuilt form is verified instead. Each request has one form; never are two tried.</li><li>Without a method a page counts a request as unsafe as soon as it has any sign of a body or of an action, and no signature holds for it.</li><li>Bundlers make copies of modules. Refusals and what <code>forward</code> sends on are therefore known by symbols that all copies share (<code>Symbol.for</code>), not by the identity of a class.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0021-requests-on-next.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0021RequestsOnNext = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0021RequestsOnNext as default
};
