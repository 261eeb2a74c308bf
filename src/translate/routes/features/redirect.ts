import type { HTTPRedirect } from '../../../api/istio.gen.ts';
import type { RedirectAction } from '../../../envoy/api.gen.ts';
import { routeSemantics } from '../../../model/traffic/virtual-services.ts';
import type { RouteFeature, RouteInput } from '../route-input.ts';

const GATEWAY_API_PREFIX = '%PREFIX()%';

/** Answers with another address. A code that Envoy does not know leaves the route without an action. As istio ApplyRedirect. */
export const redirect: RouteFeature = {
  name: 'redirect',
  build: (input) => {
    if (input.rule.redirect === undefined) return {};
    const action = redirectAction(input.rule.redirect, input);
    return action === undefined ? {} : { route: { redirect: action } };
  },
};

function redirectAction(rule: HTTPRedirect, input: RouteInput): RedirectAction | undefined {
  const responseCode = responseCodes[rule.redirectCode ?? 0];
  if (responseCode === undefined) return undefined;
  const uri = rule.uri ?? '';
  const isPrefix = routeSemantics(input.virtualService) === 'gateway' && uri.startsWith(GATEWAY_API_PREFIX);
  const prefixRewrite = rule.prefixRewrite || (isPrefix ? uri.slice(GATEWAY_API_PREFIX.length) : undefined);
  const port = redirectPort(rule, input);
  return {
    ...(rule.authority && { hostRedirect: rule.authority }),
    ...(prefixRewrite === undefined ? { pathRedirect: uri } : { prefixRewrite }),
    ...(rule.scheme && { schemeRedirect: rule.scheme }),
    ...(port !== 0 && { portRedirect: port }),
    ...(responseCode !== 'MOVED_PERMANENTLY' && { responseCode }),
  };
}

const responseCodes: Readonly<Record<number, NonNullable<RedirectAction['responseCode']>>> = {
  0: 'MOVED_PERMANENTLY',
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

/** The port to send to, 0 for none: the usual port of the scheme is not written. */
function redirectPort(rule: HTTPRedirect, { context }: RouteInput): number {
  const port = rule.derivePort === 'FROM_REQUEST_PORT' ? context.listenPort : (rule.port ?? 0);
  const scheme = rule.scheme || (context.isTls ? 'https' : 'http');
  return (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https') ? 0 : port;
}
