import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"authmodes","description":"","frontmatter":{},"headers":[],"relativePath":"api/index.md","filePath":"docs/api/index.md"}');
const _sfc_main = { name: "api/index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="authmodes" tabindex="-1">authmodes <a class="header-anchor" href="#authmodes" aria-label="Permalink to &quot;authmodes&quot;">​</a></h1><h2 id="modules" tabindex="-1">Modules <a class="header-anchor" href="#modules" aria-label="Permalink to &quot;Modules&quot;">​</a></h2><ul><li><a href="/api/@authmodes/amplify.html">@authmodes/amplify</a></li><li><a href="/api/@authmodes/core.html">@authmodes/core</a></li><li><a href="/api/@authmodes/core/adapter.html">@authmodes/core/adapter</a></li><li><a href="/api/@authmodes/core/fetch.html">@authmodes/core/fetch</a></li><li><a href="/api/@authmodes/core/inspect.html">@authmodes/core/inspect</a></li><li><a href="/api/@authmodes/core/modes/api-key.html">@authmodes/core/modes/api-key</a></li><li><a href="/api/@authmodes/core/modes/iam.html">@authmodes/core/modes/iam</a></li><li><a href="/api/@authmodes/core/modes/lambda.html">@authmodes/core/modes/lambda</a></li><li><a href="/api/@authmodes/core/modes/none.html">@authmodes/core/modes/none</a></li><li><a href="/api/@authmodes/core/modes/oidc.html">@authmodes/core/modes/oidc</a></li><li><a href="/api/@authmodes/core/modes/user-pool.html">@authmodes/core/modes/user-pool</a></li><li><a href="/api/@authmodes/core/options.html">@authmodes/core/options</a></li><li><a href="/api/@authmodes/core/outbound/">@authmodes/core/outbound</a></li><li><a href="/api/@authmodes/express.html">@authmodes/express</a></li><li><a href="/api/@authmodes/express/outbound.html">@authmodes/express/outbound</a></li><li><a href="/api/@authmodes/fastify.html">@authmodes/fastify</a></li><li><a href="/api/@authmodes/fastify/outbound.html">@authmodes/fastify/outbound</a></li><li><a href="/api/@authmodes/graphql.html">@authmodes/graphql</a></li><li><a href="/api/@authmodes/koa.html">@authmodes/koa</a></li><li><a href="/api/@authmodes/koa/outbound.html">@authmodes/koa/outbound</a></li><li><a href="/api/@authmodes/nestjs.html">@authmodes/nestjs</a></li><li><a href="/api/@authmodes/nestjs/outbound.html">@authmodes/nestjs/outbound</a></li><li><a href="/api/@authmodes/nestjs/testing.html">@authmodes/nestjs/testing</a></li><li><a href="/api/@authmodes/nestjs/ws.html">@authmodes/nestjs/ws</a></li><li><a href="/api/@authmodes/next.html">@authmodes/next</a></li><li><a href="/api/@authmodes/next/outbound.html">@authmodes/next/outbound</a></li><li><a href="/api/@authmodes/rules.html">@authmodes/rules</a></li><li><a href="/api/@authmodes/rules/sdl.html">@authmodes/rules/sdl</a></li><li><a href="/api/@authmodes/studio.html">@authmodes/studio</a></li><li><a href="/api/@authmodes/testing.html">@authmodes/testing</a></li><li><a href="/api/@authmodes/testing/audits.html">@authmodes/testing/audits</a></li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/api/index.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const index = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  index as default
};
