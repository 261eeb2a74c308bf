import { createDescriptors, type Descriptors } from '../util/descriptors.ts';
import { envoyDescriptorTable } from './descriptors.gen.ts';

/** The messages and enums of Envoy's API as istiod knows it, with the extensions of Istio's proxy; of a release that has others, those. */
export function createEnvoyDescriptors(table: string = envoyDescriptorTable): Descriptors {
  return createDescriptors(table);
}
