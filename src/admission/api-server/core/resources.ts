import { labelKey } from '../../../resource/api-server/formats.ts';
import { formatQuantity, readQuantity } from '../../../util/quantity.ts';
import type { FieldErrors, FieldPlace } from './place.ts';

const ofContainers = ['cpu', 'ephemeral-storage', 'memory'];
const standard = ['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods', 'services', 'requests.cpu', 'limits.cpu'];

/** k8s.io/kubernetes pkg/apis/core/validation ValidateContainerResourceRequirements. */
export function* checkResources(resources: FieldPlace): FieldErrors {
  const [limits, requests] = [resources.at('limits'), resources.at('requests')];
  for (const list of [limits, requests]) {
    for (const name of list.keys) {
      const place = list.key(name);
      yield* checkResourceName(place, name);
      const { amount, format } = readQuantity(String(place.value));
      if (amount < 0n) yield place.invalid('must be greater than or equal to 0', formatQuantity({ amount, format }));
    }
  }
  for (const name of requests.keys) {
    const [requested, limit] = [requests.key(name), limits.key(name)];
    if (!limit.isSet) continue;
    const [asked, most] = [readQuantity(String(requested.value)), readQuantity(String(limit.value))];
    if (asked.amount <= most.amount) continue;
    yield requests.invalid(`must be less than or equal to ${name} limit of ${formatQuantity(most)}`, formatQuantity(asked));
  }
}

/** validateContainerResourceName there. */
function* checkResourceName(place: FieldPlace, name: string): FieldErrors {
  const misformed = labelKey(name);
  for (const rule of misformed) yield place.invalid(rule, name);
  if (misformed.length > 0 || name.includes('/') || ofContainers.includes(name) || name.startsWith('hugepages-')) return;
  if (!standard.includes(name)) yield place.invalid('must be a standard resource type or fully qualified', name);
  yield place.invalid('must be a standard resource for containers', name);
}
