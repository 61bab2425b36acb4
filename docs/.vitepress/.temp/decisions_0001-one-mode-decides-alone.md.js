import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"1. One mode decides alone","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0001-one-mode-decides-alone.md","filePath":"docs/decisions/0001-one-mode-decides-alone.md"}');
const _sfc_main = { name: "decisions/0001-one-mode-decides-alone.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="1-one-mode-decides-alone" tabindex="-1">1. One mode decides alone <a class="header-anchor" href="#1-one-mode-decides-alone" aria-label="Permalink to &quot;1. One mode decides alone&quot;">​</a></h1><p>A request is looked at by every mode (<code>detect</code>), one of them is chosen, and only that one verifies. Its refusal is final.</p><p>Libraries that try one strategy after another let bad credentials fall through to a weaker one: an expired token beside an anonymous strategy becomes an anonymous caller. Here the place and the shape of the credentials decide:</p><ul><li>Credentials sit in a <em>place</em> (<code>authorization</code>, <code>x-api-key</code>, <code>query</code>, <code>cookie:…</code>). Credentials in two places are two kinds, and that is a 400, unless <code>precedence</code> or <code>requires</code> says otherwise.</li><li>In one place several modes may compete (tokens of user pools, of OIDC issuers, of a Lambda authorizer). <code>fit</code> says how sure each is: it knows the issuer (<code>own</code>), only verifying can tell (<code>possible</code>), it reads this shape but does not know the issuer (<code>foreign</code>), or it takes what nobody else reads (<code>fallback</code>). So a JWT of an unknown issuer is refused by the token modes instead of reaching the Lambda authorizer.</li><li>An <code>Authorization</code> header and the parameters of a presigned query are credentials even if no mode reads them. <code>none</code> does not take such requests, and beside other credentials they make the request ambiguous. A key header that no mode reads is just a header.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0001-one-mode-decides-alone.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0001OneModeDecidesAlone = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0001OneModeDecidesAlone as default
};
