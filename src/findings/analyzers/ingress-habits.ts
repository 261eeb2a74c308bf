import type { IngressBackend } from '../../api/kubernetes.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { ingressAnnotationsUnread, ingressBackendMissing, ingressPathLiteral } from '../../diagnostics/problems/ingress.ts';
import { createIngressJudge } from '../../model/gateways/ingress.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** What Ingresses that come from another controller have, and Istio does not do; istio config/kube/ingress reads hosts, paths and backends. */
export const ingressHabits: Analyzer = {
  name: 'mesh.ingress.Habits',
  about: 'Annotations and paths of Ingresses that other controllers read, and backends that are not there',
  reads: ['Ingress', 'Service'],
  codes: [ingressAnnotationsUnread.code, ingressPathLiteral.code, ingressBackendMissing.code],
  run: (reader, report) => {
    if (reader.list('Ingress').length === 0) return;
    const mesh = reader.mesh();
    const isIstios = createIngressJudge(resourcesOf(mesh.resources, 'IngressClass'), mesh.config);
    const hasServices = new Set(resourcesOf(mesh.resources, 'Service').map(({ namespace }) => namespace));
    for (const ingress of resourcesOf(mesh.resources, 'Ingress').filter(isIstios)) {
      const foreign = Object.keys(ingress.annotations).filter((name) => OTHERS.test(name));
      if (foreign.length > 0) report(ingressAnnotationsUnread(at(ingress, ['metadata', 'annotations']), foreign));
      (ingress.spec.rules ?? []).forEach(({ http }, rule) => {
        (http?.paths ?? []).forEach(({ path = '', pathType, backend }, index) => {
          const where = ['spec', 'rules', rule, 'http', 'paths', index];
          if (EXPRESSION.test(path)) {
            const kind = pathType === 'Prefix' ? 'a prefix' : 'a whole path';
            report(ingressPathLiteral(at(ingress, [...where, 'path']), formatField([...where, 'path']), path, kind));
          }
          const name = serviceOf(backend);
          // A folder without Services of the namespace cannot tell.
          if (name === undefined || !hasServices.has(ingress.namespace)) return;
          if (mesh.registry.servicesOf(expandShortName(name, ingress.namespace, mesh.domainSuffix)).length > 0) return;
          const place = [...where, 'backend', 'service', 'name'];
          report(ingressBackendMissing(at(ingress, place), formatField(place), `${ingress.namespace}/${name}`));
        });
      });
    }
  },
};

/** Annotations by which other controllers are told how to route. */
const OTHERS =
  /^(nginx\.ingress\.kubernetes\.io|nginx\.org|traefik\.ingress\.kubernetes\.io|haproxy\.org|haproxy-ingress\.github\.io|alb\.ingress\.kubernetes\.io|konghq\.com|projectcontour\.io)\//;

/** What a path has that is meant as a regular expression. A star at the end is read by Istio, too. */
const EXPRESSION = /[()|^$\\[\]]|\.\*.|\.\+/;

function serviceOf({ service }: IngressBackend): string | undefined {
  // Of a port by name Istio's conversion tells itself.
  return service?.port?.number === undefined ? undefined : service.name;
}
