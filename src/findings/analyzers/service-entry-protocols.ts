import type { ServiceEntry } from '../../api/istio.gen.ts';
import { conflictingServiceEntryProtocol } from '../../diagnostics/problems/istio/services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

const EVERYWHERE = '*';

/** What an entry says of a port of a host, where it is seen. */
interface Claim {
  readonly entry: ResourceOf<'ServiceEntry'>;
  readonly scope: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
}

/** istio analyzers/serviceentry/conflictingserviceentries.go; each entry is told of once, there by chance, here by scope, host and port. */
export const serviceEntryProtocols: Analyzer = {
  name: 'serviceentry.ConflictingServiceEntryProtocolAnalyzer',
  about: 'ServiceEntries agree on the protocol of a port of a host',
  reads: ['ServiceEntry'],
  codes: [conflictingServiceEntryProtocol.code],
  run(reader, report) {
    const byPlace = new Map<string, Claim[]>();
    for (const entry of reader.list('ServiceEntry')) {
      for (const claim of claimsOf(entry)) append(byPlace, placeOf(claim), claim);
    }
    const told = new Set<ResourceOf<'ServiceEntry'>>();
    for (const place of [...byPlace.keys()].sort(compareText)) {
      const here = byPlace.get(place) ?? [];
      const [first] = here;
      if (first === undefined) continue;
      const fromEverywhere = first.scope === EVERYWHERE ? [] : (byPlace.get(placeOf({ ...first, scope: EVERYWHERE })) ?? []);
      const claims = [...here, ...fromEverywhere];
      const protocols = sorted(claims.map(({ protocol }) => protocol));
      if (protocols.length < 2) continue;
      const names = sorted(claims.map(({ entry }) => fullName(entry)));
      for (const { entry } of claims) {
        if (told.has(entry)) continue;
        told.add(entry);
        report(conflictingServiceEntryProtocol(at(entry, ['metadata', 'name']), names, first.host, first.port, protocols));
      }
    }
  },
};

function claimsOf(entry: ResourceOf<'ServiceEntry'>): readonly Claim[] {
  const { hosts = [], ports = [] } = entry.spec;
  return scopesOf(entry.spec, entry.namespace).flatMap((scope) =>
    hosts.flatMap((host) =>
      ports.map(({ number = 0, protocol = '' }) => ({ entry, scope, host, port: number, protocol: protocol.toUpperCase() })),
    ),
  );
}

/** The namespaces that see an entry; `*` for all of them. */
function scopesOf({ exportTo = [] }: ServiceEntry, namespace: string): readonly string[] {
  if (exportTo.length === 0 || exportTo.includes(EVERYWHERE)) return [EVERYWHERE];
  return [...new Set(exportTo.map((name) => (name === '.' ? namespace : name)))];
}

function placeOf({ scope, host, port }: Pick<Claim, 'scope' | 'host' | 'port'>): string {
  return JSON.stringify([scope, host, port]);
}

/** Each text once. */
function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}
