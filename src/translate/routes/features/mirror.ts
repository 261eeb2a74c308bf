import type { Destination, HTTPRoute, Percent } from '../../../api/istio.gen.ts';
import type { FractionalPercent, RouteActionRequestMirrorPolicy } from '../../../envoy/api.gen.ts';
import { hundredths, millionths } from '../percent.ts';
import type { RouteContext, RouteFeature } from '../route-input.ts';

/** Copies of requests sent elsewhere: `mirror` first, then `mirrors`. As istio core/route applyHTTPRouteDestination. */
export const mirror: RouteFeature = {
  name: 'mirror',
  build: ({ rule, context }) => {
    const policies = [
      ...(rule.mirror === undefined ? [] : mirrorPolicy(rule.mirror, mirrorShare(rule), context)),
      ...(rule.mirrors ?? []).flatMap(({ destination, percentage }) =>
        destination === undefined ? [] : mirrorPolicy(destination, share(percentage), context),
      ),
    ];
    return policies.length === 0 ? {} : { action: { requestMirrorPolicies: policies } };
  },
};

function mirrorPolicy(
  destination: Destination,
  percent: FractionalPercent | undefined,
  context: RouteContext,
): RouteActionRequestMirrorPolicy[] {
  if (percent === undefined) return [];
  const service = context.lookupService(destination.host ?? '');
  return [
    {
      cluster: context.lookupCluster(destination, service, context.listenPort),
      runtimeFraction: { defaultValue: percent },
      traceSampled: false,
      ...(context.behaviours.disableShadowHostSuffix && { disableShadowHostSuffixAppend: true }),
    },
  ];
}

/** The share of requests to copy: all of them by default, undefined for an explicit 0; istio MirrorPercent. */
function mirrorShare(rule: HTTPRoute): FractionalPercent | undefined {
  if (rule.mirrorPercentage !== undefined || rule.mirrorPercent === undefined) return share(rule.mirrorPercentage);
  return rule.mirrorPercent > 0 ? hundredths(rule.mirrorPercent) : undefined;
}

function share(percentage: Percent | undefined): FractionalPercent | undefined {
  if (percentage === undefined) return hundredths(100);
  return (percentage.value ?? 0) > 0 ? millionths(percentage) : undefined;
}
