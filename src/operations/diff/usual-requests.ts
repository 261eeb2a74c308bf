import { isUsualRequest } from '../../exploration/usual-request.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { NORMAL_FORM } from '../../trace/recording/parts.ts';
import type { SidesClass } from './both-sides.ts';
import { hostIn } from './hosts-elsewhere.ts';

/** Whether requests are those that clients send as a rule: for an answer, not for another protocol, a tunnel or leave to ask. */
export function isUsual(
  { witness: { request }, seen: { assumptions } }: SidesClass,
  target: Target,
  named: ReadonlySet<string>,
): boolean {
  if (request.scheme === 'tcp' || request.scheme === 'tls') return true;
  const isRemade = assumptions.flat().some((one) => one.kind === 'untraceable' && one.what.includes(NORMAL_FORM));
  return isUsualRequest(request) && !isRemade && !named.has(hostIn(request)) && isForTarget(hostIn(request), target);
}

/** Whether a host is a name of where connections go, as far as that is known by its address. */
function isForTarget(host: string, { host: name, ip, virtualHosts }: Target): boolean {
  return ip === undefined || virtualHosts.length > 0 || [ip, name, `${name}.`].includes(host) || name.startsWith(`${host}.`);
}
