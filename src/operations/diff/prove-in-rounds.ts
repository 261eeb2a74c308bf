import type { DataPlane } from '../../trace/data-plane.ts';
import { type ClientFinder, sidecarsOf } from './clients.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';
import type { LocalMeshFinder } from './local-meshes.ts';
import { placeOf } from './open-journeys.ts';
import { inOtherProtocols } from './own-tls.ts';
import type { Patience, ProvenRequests } from './prove-requests.ts';
import type { RequestProof, UnaskedRequests } from './report.ts';
import { createLedFinder, journeysToHiddenServices, journeysToServices } from './service-journeys.ts';
import { journeysToUnnamedPorts } from './unnamed-ports.ts';

/** The journeys of several rounds. */
export interface Rounds {
  /** Those that are asked first. */
  readonly first: readonly Journey[];
  /** All that meet something changed on their way. */
  readonly journeys: readonly Journey[];
  /** Those of what ztunnel stands before to addresses of pods. */
  readonly toPods: readonly Journey[];
}

/**
 * Proves of usual requests how they end, then of rare ones as far as those say nothing of the change; the proof names kinds of rare requests
 * that are left out.
 */
export function proveInRounds(
  sides: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
  findClients: ClientFinder,
  meshesOf: LocalMeshFinder,
  { first, journeys, toPods }: Rounds,
  patience: Patience,
  prove: (journeys: readonly Journey[], patience: Patience) => ProvenRequests,
): ProvenRequests {
  const known = prove(first, patience);
  // Of rare requests it is asked where what usual ones meet says nothing of the change; where it says enough, they are named as left out.
  const isQuiet = known.proof.classes > 0 && known.changes.length + known.proof.doubts.length === 0;
  const isMoreAsked = isQuiet || isUnmet(known.proof);
  const unnamed = journeysToUnnamedPorts(journeys, sides, planes);
  const areTooMany = isMoreAsked && toPods.length > patience.classes / 10;
  const findLed = createLedFinder(sides, meshesOf);
  const toServices = known.proof.doubts.length === 0 ? journeysToServices(findLed, planes) : [];
  // Nothing that sidecars are told of tells these, so that no change of theirs stands for them.
  const hidden = journeysToHiddenServices(findLed, () => sidecarsOf(findClients, planes), sides, planes);
  const further = [...(isQuiet ? unnamed : []), ...toServices, ...hidden, ...(isMoreAsked && !areTooMany ? toPods : [])];
  const patienceLeft = known.changes.length > 0 ? (patience.onceRefuted ?? patience) : patience;
  const found = joined(known, prove(further, patienceLeft));
  // Whoever is asked with HTTP may take something else.
  const isStillQuiet = isMoreAsked && found.changes.length + found.proof.doubts.length === 0;
  const direct = journeys.filter(({ client, isOfAnyProtocol }) => client.client.kind === 'without-sidecar' || isOfAnyProtocol);
  const places = new Set([...journeys, ...further].map(placeOf));
  const inOthers = inOtherProtocols([...direct, ...further]).filter((journey) => !places.has(placeOf(journey)));
  const asked = joined(found, prove(isStillQuiet ? inOthers : [], patience));
  const unasked: readonly UnaskedRequests[] = [
    ...(isQuiet || unnamed.length === 0 ? [] : ['ports that nothing names' as const]),
    ...(isMoreAsked || toPods.length === 0 ? [] : ['addresses of pods' as const]),
    ...(isStillQuiet || inOthers.length === 0 ? [] : ['other protocols without a sidecar' as const]),
  ];
  const told = areTooMany ? withoutPods(asked, toPods) : asked;
  return { ...told, proof: { ...told.proof, unasked } };
}

/** Whether no request was found that meets a change. */
export function isUnmet({ classes, doubts }: RequestProof): boolean {
  return classes + doubts.length === 0;
}

/** Of too many journeys to addresses of pods it is only said that there are such. */
function withoutPods(found: ProvenRequests, [journey]: readonly Journey[]): ProvenRequests {
  const { proof } = found;
  if (journey === undefined) return found;
  const doubt = {
    from: journey.client.client,
    to: 'addresses of pods',
    because: 'not looked at',
    after: proof.classes,
  } as const;
  return { ...found, proof: { ...proof, doubts: [...proof.doubts, doubt] } };
}

function joined(one: ProvenRequests, other: ProvenRequests): ProvenRequests {
  return {
    changes: [...one.changes, ...other.changes],
    proof: {
      classes: one.proof.classes + other.proof.classes,
      assumptions: [...new Set([...one.proof.assumptions, ...other.proof.assumptions])].sort(),
      doubts: [...one.proof.doubts, ...other.proof.doubts],
      underLoad: [...one.proof.underLoad, ...other.proof.underLoad],
      unasked: [],
    },
    refusals: [...one.refusals, ...other.refusals],
    settled: one.settled,
  };
}
