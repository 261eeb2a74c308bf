import type { FilterChain, Listener } from '../envoy/api.gen.ts';
import type { ConnectionTraits } from './connection-traits.ts';
import type { ChainChoice } from './filter-chain.ts';
import { type Run, stepOf } from './run.ts';
import type { Step } from './step.ts';

/** The chains that were passed over, as steps: all ways that a request takes share them, for a listener may have very many. */
export function passedChains(
  { passedChains: known }: Run,
  listener: Listener,
  { recorder: _, compile: __, filterState, ...traits }: ConnectionTraits,
  choice: ChainChoice,
): readonly Step[] {
  const key = JSON.stringify([traits, [...(filterState ?? [])]]);
  const ofListener = known.get(listener) ?? new Map<string, readonly Step[]>();
  known.set(listener, ofListener);
  const steps =
    ofListener.get(key) ??
    choice
      .passed()
      .map(({ chain, condition }) =>
        stepOf(true, { kind: 'filter chain', name: toldChainName(chain), event: 'passed over', condition }, chain),
      );
  ofListener.set(key, steps);
  return steps;
}

/** What people are told a chain is called. */
export function toldChainName(chain: FilterChain): string {
  return chain.name ?? '(unnamed)';
}
