import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import { kindRemoved, kindUnknown } from '../diagnostics/problems/repositories.ts';
import type { Release } from '../releases/release.ts';
import { nearest, nearestNames } from '../util/nearest.ts';
import { own } from '../util/object.ts';

/** Since when a kind is gone, and what took its place. */
interface Removal {
  readonly release: string;
  readonly instead: string;
}

const byPolicies: Removal = { release: '1.6', instead: 'PeerAuthentication and RequestAuthentication (security.istio.io)' };
const byAuthorization: Removal = { release: '1.6', instead: 'AuthorizationPolicy (security.istio.io)' };
const byTelemetry: Removal = { release: '1.8', instead: 'Telemetry, WasmPlugin or rate limits of Envoy; Mixer is gone' };

/** Groups of which Istio had kinds once, and has none any more. */
const removed: Readonly<Record<string, Removal>> = {
  'authentication.istio.io': byPolicies,
  'rbac.istio.io': byAuthorization,
  'config.istio.io': byTelemetry,
};

/** Groups in which people look for kinds of Istio. */
const otherHomes: readonly string[] = ['networking.k8s.io', 'security.k8s.io'];

/** What is to be said of a kind that is not known: that it is nearly one of Istio, or was one. Undefined for all other kinds. */
export type KindComplaint = (group: string, kind: string, subject: Subject) => Diagnostic | undefined;

/** Knows the kinds of a release, and those that came before. */
export function createKindComplaint({ kinds }: Pick<Release, 'kinds'>): KindComplaint {
  const ofIstio = kinds.filter(({ family }) => family === 'istio');
  const groups = new Set<string>(ofIstio.map(({ group }) => group));
  const homesOf = (name: string): readonly string[] =>
    ofIstio.filter(({ kind }) => kind === name).map(({ group, kind }) => `${group}/${kind}`);
  return (group, kind, subject) => {
    const gone = own(removed, group);
    if (gone !== undefined) return kindRemoved(subject, kind, group, gone.release, gone.instead);
    const elsewhere = homesOf(kind);
    if (groups.has(group)) {
      const here = ofIstio.filter((info) => info.group === group).map((info) => info.kind);
      return kindUnknown(subject, kind, group, elsewhere.length > 0 ? elsewhere : nearestNames(kind, here, 1));
    }
    const isMeant = elsewhere.length > 0 && (otherHomes.includes(group) || group.split(/[.-]/).some(isAlmostIstio));
    return isMeant ? kindUnknown(subject, kind, group, elsewhere) : undefined;
  };
}

function isAlmostIstio(word: string): boolean {
  return word.length >= 4 && nearest(word, ['istio']) !== undefined;
}
