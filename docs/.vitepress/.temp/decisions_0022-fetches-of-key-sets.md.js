import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"22. Which tokens may have a key set fetched, and how often","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0022-fetches-of-key-sets.md","filePath":"docs/decisions/0022-fetches-of-key-sets.md"}');
const _sfc_main = { name: "decisions/0022-fetches-of-key-sets.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="22-which-tokens-may-have-a-key-set-fetched-and-how-often" tabindex="-1">22. Which tokens may have a key set fetched, and how often <a class="header-anchor" href="#22-which-tokens-may-have-a-key-set-fetched-and-how-often" aria-label="Permalink to &quot;22. Which tokens may have a key set fetched, and how often&quot;">​</a></h1><p>An issuer can start to sign with a new key at any time, so a token whose <code>kid</code> is not in the set at hand may be good. It may also be invented: a caller can send any number of key ids. With one fetch per ten seconds, whatever the ids, invented ones used up the fetch, and good tokens of a new key were rejected with 401 until the next one. Clients act on a 401: they sign the user out.</p><ul><li>A token with an unknown <code>kid</code> waits for a fetch that begins after the token arrived; a fetch in flight may have been answered before the key was published. Tokens that arrive together share one fetch, and only one runs at a time. If the key is not in that set either, the answer is 401.</li><li>Such fetches have a budget of five in any minute, per issuer. If it is spent, the answer is 503 with <code>Retry-After</code>, so that good clients come back. A token whose <code>iat</code> is 60 seconds older than the last fetch is still 401: its key was published before. A token without <code>iat</code> may be newer.</li><li>A signature that does not hold under a known <code>kid</code>, or a known key that is for another algorithm, may mean that the issuer replaced the key and kept its name. It has a budget of its own, also five in any minute, and is 401 if the newer set has no other key that fits, the issuer cannot be reached, or the budget is spent: nearly all such tokens are forged.</li><li>If the set has one <code>kid</code> several times, up to four keys are tried. Without a <code>kid</code>, exactly one key must fit.</li><li>A fetch that failed is repeated after <code>cooldownSeconds</code> (10); until then unknown keys are 503. Fetches by age and the first one have no budget.</li></ul><p><code>kid</code> and <code>iat</code> are read from a token that is not verified. They decide only between 401 and 503, and whether a fetch from the configured address is made within the budget. Neither lets a request in.</p><p>The price: a caller who keeps the budget spent can delay a new key by up to a minute, with 503. Issuers that publish a key before they sign with it are not affected: the set is also fetched every ten minutes.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0022-fetches-of-key-sets.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0022FetchesOfKeySets = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0022FetchesOfKeySets as default
};
