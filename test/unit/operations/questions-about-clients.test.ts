import { expect, test } from 'vitest';
import { clientQuestionsOf } from '../../../src/operations/reachability/questions-about-clients.ts';

const INPUTS = 'type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3';

test.each([
  ['SourceIPInput', true],
  ['DirectSourceIPInput', true],
  ['SourcePortInput', false],
  ['DestinationIPInput', false],
])('a listener that chooses its chains by %s asks for the address of a client: %s', (name, isAddressAsked) => {
  const typedConfig = { '@type': `${INPUTS}.${name}` };
  const listener = { name: 'l', filterChainMatcher: { matcherTree: { input: { name, typedConfig } } } };
  expect(clientQuestionsOf(listener)).toMatchObject({ isAddressAsked });
});
