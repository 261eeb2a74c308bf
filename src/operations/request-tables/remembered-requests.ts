import type { RouteConfiguration } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { changedPlane, type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import { traceRequest } from '../../trace/trace.ts';
import { type Again, afresh } from '../../util/again.ts';
import { haveSameMembers } from '../../util/collections.ts';
import { numbering } from '../../util/memo.ts';

/** What a trace has asked of a data plane beside what stays the same for all of its states, with the answer. */
interface Question {
  readonly ask: (dataPlane: DataPlane) => readonly unknown[];
  readonly answer: readonly unknown[];
}

/** What became of a request, and what that depends on. */
interface Remembered {
  readonly questions: readonly Question[];
  readonly outcomes: readonly Outcome[];
}

/**
 * Follows requests over one state of a mesh. What became of the same request over the last state is given again where all that it has asked
 * of proxies has the same answer, which is the same object in nearly all cases.
 */
export function createFollower(again: Again): (dataPlane: DataPlane, request: TraceRequest) => readonly Outcome[] {
  if (again === afresh) return traceRequest;
  const memory = again('requests', [], () => ({ last: new Map<string, Remembered>(), numberOf: numbering() }));
  const { last, numberOf } = memory;
  const now = new Map<string, Remembered>();
  memory.last = now;
  return (dataPlane, request) => {
    const { unchanged } = dataPlane;
    if (unchanged === undefined || dataPlane.around !== undefined) return traceRequest(dataPlane, request);
    const key = `${numberOf(unchanged)} ${JSON.stringify(request)}`;
    const known = now.get(key) ?? last.get(key);
    if (known?.questions.every(({ ask, answer }) => haveSameMembers(ask(dataPlane), answer))) {
      now.set(key, known);
      return known.outcomes;
    }
    const noted = noting(dataPlane);
    const outcomes = traceRequest(noted.dataPlane, request);
    const questions = noted.questions();
    if (questions !== undefined) now.set(key, { questions, outcomes });
    return outcomes;
  };
}

/** A data plane that notes what it is asked; the questions are undefined where the answers cannot be had again. */
function noting(dataPlane: DataPlane): {
  readonly dataPlane: DataPlane;
  readonly questions: () => readonly Question[] | undefined;
} {
  const questions = new Map<string, Question>();
  let isLost = false;
  const note = (key: readonly (string | undefined)[], ask: Question['ask']): void => {
    const text = JSON.stringify(key);
    if (!questions.has(text)) questions.set(text, { ask, answer: ask(dataPlane) });
  };
  const pods = new Map<XdsSnapshot, string>();
  const podOf = (snapshot: XdsSnapshot): string => {
    const pod = pods.get(snapshot);
    isLost ||= pod === undefined;
    return pod ?? '';
  };
  const routesOf = new Map<RouteConfiguration, { readonly pod: string; readonly name: string }>();
  const { lookups } = dataPlane;
  const plane = changedPlane(dataPlane, () => ({
    snapshotOf(pod) {
      const snapshot = dataPlane.snapshotOf(pod);
      const key = podKey(pod);
      // What is looked up in its listeners is the same where they are.
      note(['listeners', key], asksListeners(key));
      if (snapshot === undefined) return undefined;
      pods.set(snapshot, key);
      isLost ||= snapshot.single?.listenersKey() === undefined;
      return snapshot;
    },
    secret(pod, name) {
      const key = podKey(pod);
      note(['secret', key, name], asksSecret(key, name));
      return dataPlane.secret(pod, name);
    },
    lookups: {
      ...lookups,
      cluster(snapshot, name) {
        const pod = podOf(snapshot);
        note(['cluster', pod, name], asksCluster(pod, name));
        return lookups.cluster(snapshot, name);
      },
      assignment(snapshot, cluster) {
        const pod = podOf(snapshot);
        const { name = '' } = cluster;
        isLost ||= lookups.cluster(snapshot, name) !== cluster;
        note(['endpoints', pod, name], asksEndpoints(pod, name));
        return lookups.assignment(snapshot, cluster);
      },
      routes(snapshot, name) {
        const pod = podOf(snapshot);
        note(['routes', pod, name], asksRoutes(pod, name));
        const routes = lookups.routes(snapshot, name);
        if (routes !== undefined) routesOf.set(routes, { pod, name });
        return routes;
      },
      virtualHost(routes, authority) {
        const asked = routesOf.get(routes);
        // Others stand in the listeners.
        if (asked !== undefined) {
          const { pod, name } = asked;
          note(['virtual host', pod, name, authority], asksVirtualHost(pod, name, authority));
        }
        return lookups.virtualHost(routes, authority);
      },
      domains(routes) {
        isLost = true;
        return lookups.domains(routes);
      },
    },
  }));
  const timed = Object.defineProperty({ ...plane }, 'now', {
    get() {
      isLost = true;
      return dataPlane.now;
    },
  });
  return {
    dataPlane: timed,
    questions() {
      // Extensions come from elsewhere than the listeners that ask for them.
      const hasExtensions = [...pods.keys()].some(({ extensionConfigs }) => extensionConfigs.length > 0);
      return isLost || hasExtensions ? undefined : [...questions.values()];
    },
  };
}

// Each asks by names alone: what is remembered must not hold an earlier state of the mesh.

function asksListeners(pod: string): Question['ask'] {
  return (dataPlane) => {
    const snapshot = asPod(dataPlane, pod, (same) => dataPlane.snapshotOf(same));
    return [snapshot === undefined ? 'no proxy' : (snapshot.single?.listenersKey() ?? 'unknown')];
  };
}

function asksSecret(pod: string, name: string): Question['ask'] {
  return (dataPlane) => [asPod(dataPlane, pod, (same) => dataPlane.secret(same, name))];
}

function asksCluster(pod: string, name: string): Question['ask'] {
  return (dataPlane) => [clusterIn(dataPlane, pod, name)];
}

function asksEndpoints(pod: string, name: string): Question['ask'] {
  return (dataPlane) => {
    const cluster = clusterIn(dataPlane, pod, name);
    return [cluster, cluster && inSnapshot(dataPlane, pod, (snapshot) => dataPlane.lookups.assignment(snapshot, cluster))];
  };
}

function asksRoutes(pod: string, name: string): Question['ask'] {
  return (dataPlane) => [shellOf(routesIn(dataPlane, pod, name))];
}

function asksVirtualHost(pod: string, name: string, authority: string): Question['ask'] {
  return (dataPlane) => {
    const routes = routesIn(dataPlane, pod, name);
    const found = routes && dataPlane.lookups.virtualHost(routes, authority);
    return [found?.virtualHost, found?.domain];
  };
}

function asPod<T>(dataPlane: DataPlane, key: string, ask: (pod: DataPlane['pods'][number]) => T): T | undefined {
  const pod = podNamed(dataPlane, key);
  return pod && ask(pod);
}

function inSnapshot<T>(dataPlane: DataPlane, key: string, ask: (snapshot: XdsSnapshot) => T): T | undefined {
  const snapshot = asPod(dataPlane, key, (pod) => dataPlane.snapshotOf(pod));
  return snapshot && ask(snapshot);
}

function clusterIn(dataPlane: DataPlane, pod: string, name: string) {
  return inSnapshot(dataPlane, pod, (snapshot) => dataPlane.lookups.cluster(snapshot, name));
}

function routesIn(dataPlane: DataPlane, pod: string, name: string): RouteConfiguration | undefined {
  return inSnapshot(dataPlane, pod, (snapshot) => dataPlane.lookups.routes(snapshot, name));
}

/** What routes say beside their virtual hosts. */
function shellOf(routes: RouteConfiguration | undefined): string | undefined {
  return routes && JSON.stringify({ ...routes, virtualHosts: undefined });
}
