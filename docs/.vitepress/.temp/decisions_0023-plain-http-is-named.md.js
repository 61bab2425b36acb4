import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"23. Plain http is allowed by the name of the host","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0023-plain-http-is-named.md","filePath":"docs/decisions/0023-plain-http-is-named.md"}');
const _sfc_main = { name: "decisions/0023-plain-http-is-named.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="23-plain-http-is-allowed-by-the-name-of-the-host" tabindex="-1">23. Plain http is allowed by the name of the host <a class="header-anchor" href="#23-plain-http-is-allowed-by-the-name-of-the-host" aria-label="Permalink to &quot;23. Plain http is allowed by the name of the host&quot;">​</a></h1><p>Over plain http others on the network can replace an issuer&#39;s keys and then sign tokens, and read client secrets, tokens and the events of an authorizer. Some still need it: Keycloak in a compose network has no certificate.</p><ul><li>Issuers, <code>jwksUri</code>, token endpoints, the endpoint of an identity pool, http authorizers and the origins of <code>createAuthFetch</code> are https, or on this machine: <code>localhost</code>, <code>127.0.0.0/8</code>, <code>[::1]</code>. Anything else throws when it is built.</li><li><code>allowInsecureHttp: [&quot;keycloak:8080&quot;]</code> names the exceptions, as in <code>URL.host</code>. A list, not a switch: a switch that was set for one host would also cover the URL that is added next year. An entry that no URL uses throws, so that an exception does not outlive its use. Only where discovery brings further hosts can this not be checked.</li><li>A discovery document and a redirect never lead from https, this machine or a named host to plain http elsewhere. They do not lead from https to this machine either: its ports are not for other servers to choose. An <code>iss</code> that is not fetched, because <code>jwksUri</code> is set, can be any URL.</li><li>The same check applies to tenants that are known at run time: their options name the hosts.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0023-plain-http-is-named.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0023PlainHttpIsNamed = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0023PlainHttpIsNamed as default
};
