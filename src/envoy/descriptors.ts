import { createDescriptors, type Descriptors } from '../util/descriptors.ts';
import { envoyDescriptorTable } from './descriptors.gen.ts';

/** The messages and enums of Envoy's API as istiod knows it, with the extensions of Istio's proxy; of a release that has others, with its changes. */
export function createEnvoyDescriptors(changes?: string): Descriptors {
  return createDescriptors(changes === undefined ? envoyDescriptorTable : `${envoyDescriptorTable}\n${changes}`);
}
