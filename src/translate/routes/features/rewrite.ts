import type { HTTPRewrite } from '../../../api/istio.gen.ts';
import type { RouteAction } from '../../../envoy/api.gen.ts';
import { routeSemantics } from '../../../model/traffic/virtual-services.ts';
import { quoteMeta } from '../../../util/text.ts';
import { buildRouteMatch } from '../match.ts';
import { onlyDestination, type RouteFeature, type RouteInput } from '../route-input.ts';
import { headerOperations } from './headers.ts';

/**
 * Changes of the path and of the host. The host is that of `rewrite`, else of the rule's header operations, else of its only
 * destination's. As istio core/route applyHTTPRouteDestination.
 */
export const rewrite: RouteFeature = {
  name: 'rewrite',
  build: (input) => {
    const { rule, context } = input;
    const authority =
      rule.rewrite?.authority ||
      headerOperations(rule.headers).authority ||
      headerOperations(onlyDestination(rule)?.headers).authority;
    return {
      action: {
        ...(rule.rewrite && pathRewrite(rule.rewrite, input)),
        ...(rule.rewrite && context.appendForwardedHost && { appendXForwardedHost: true }),
        ...(authority !== '' && { hostRewriteLiteral: authority }),
      },
    };
  },
};

function pathRewrite({ uri, uriRegexRewrite }: HTTPRewrite, input: RouteInput): Partial<RouteAction> {
  if (uriRegexRewrite !== undefined) return regexRewrite(uriRegexRewrite.match ?? '', uriRegexRewrite.rewrite ?? '');
  if (!uri) return {};
  if (uri !== '/' || routeSemantics(input.virtualService) !== 'gateway') return { prefixRewrite: uri };
  // Taking a whole prefix away must leave one slash, wherever the rest begins.
  const prefix = buildRouteMatch(input.match, true).pathSeparatedPrefix ?? '';
  return regexRewrite(`^${quoteMeta(prefix)}(/?)(.*)`, '/\\2');
}

function regexRewrite(regex: string, substitution: string): Partial<RouteAction> {
  return {
    regexRewrite: { pattern: regex === '' ? {} : { regex }, ...(substitution !== '' && { substitution }) },
  };
}
