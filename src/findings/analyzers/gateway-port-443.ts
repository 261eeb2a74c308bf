import { formatField } from '../../diagnostics/format-field.ts';
import { httpOnPort443, plainFromBalancer, redirectLoop } from '../../diagnostics/problems/routing.ts';
import { serverProtocol, terminatesHttps } from '../../model/gateways/gateways.ts';
import { isHttp } from '../../model/protocol.ts';
import type { ServiceTarget } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { originOf } from '../../util/origin.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';

const TLS_PORT = 443;

/** Gateways that take plain HTTP on the port of TLS. */
export const gatewayPort443: Analyzer = {
  name: 'mesh.gateway.Port443',
  about: 'Gateways that serve port 443 as HTTP, redirect to https what comes by it, or expect TLS that their load balancer ends',
  reads: ['Gateway', 'Service', 'Pod'],
  codes: [httpOnPort443.code, redirectLoop.code, plainFromBalancer.code],
  run: (reader, report) => {
    if (reader.list('Gateway').length === 0 && reader.list('KubernetesGateway').length === 0) return;
    const traffic = reader.traffic();
    for (const gateway of reader.mesh().gateways.all) {
      (gateway.spec.servers ?? []).forEach((server, index) => {
        const number = server.port?.number ?? 0;
        const proxies = traffic.gatewayClients(fullName(gateway)).flatMap((client) => client.proxies);
        if (terminatesHttps(server)) {
          const ending = endingBalancer(
            number,
            proxies.flatMap(({ targets }) => targets),
          );
          if (ending === undefined) return;
          const place = originOf(server) ?? { resource: gateway, path: ['spec', 'servers', index] };
          const about = traffic.resourceOf(place.resource);
          if (about === undefined) return;
          report(
            plainFromBalancer(
              at(about, place.path),
              formatField(place.path),
              fullName(ending.service.resource),
              ending.port.port,
            ),
          );
        }
        if (!isHttp(serverProtocol(server))) return;
        const doors = doorsOf(
          number,
          proxies.flatMap(({ targets }) => targets),
        );
        const isEndedBefore = doors.some((door) => endsTls(reader, door));
        if (number !== TLS_PORT && !(isEndedBefore && doors.length > 0)) return;
        const origin = originOf(server) ?? { resource: gateway, path: ['spec', 'servers', index] };
        const resource = traffic.resourceOf(origin.resource);
        if (resource === undefined) return;
        const subject = at(resource, origin.path);
        const field = formatField(origin.path);
        // A balancer that is trusted says in a header that its client spoke https.
        const isTrusted = proxies.some(({ proxyConfig }) => (proxyConfig.gatewayTopology?.numTrustedProxies ?? 0) > 0);
        if (server.tls?.httpsRedirect) {
          if (!isTrusted) report(redirectLoop(subject, field, fullName(resource), number));
        } else if (number === TLS_PORT && !isEndedBefore) {
          report(httpOnPort443(subject, field, fullName(resource), server.port?.protocol ?? '', number));
        }
      });
    }
  },
};

/** The ports 443 of Services by which a server is reached. */
function doorsOf(number: number, targets: readonly ServiceTarget[]): readonly ServiceTarget[] {
  const own = targets.find(({ port }) => port.port === number)?.targetPort ?? number;
  return targets.filter(({ port, targetPort }) => port.port === TLS_PORT && targetPort === own);
}

const AWS = 'service.beta.kubernetes.io/aws-load-balancer-';

/** The port of a Service whose load balancer certainly ends TLS and does not open it again, by which a server is reached. */
function endingBalancer(number: number, targets: readonly ServiceTarget[]): ServiceTarget | undefined {
  const own = targets.find(({ port }) => port.port === number)?.targetPort ?? number;
  const doors = targets.filter(({ targetPort }) => targetPort === own);
  const isEnding = ({ service, port }: ServiceTarget): boolean => {
    const { annotations } = service.resource;
    const ports = (annotations[`${AWS}ssl-ports`] ?? '*').split(',').map((one) => one.trim());
    return (
      (annotations[`${AWS}ssl-cert`] ?? '') !== '' &&
      [String(port.port), port.name, '*'].some((one) => ports.includes(one)) &&
      !/^(ssl|https)$/i.test(annotations[`${AWS}backend-protocol`] ?? '')
    );
  };
  const ending = doors.filter(isEnding);
  return ending.length === doors.length ? ending[0] : undefined;
}

/** Whether something before a Service ends TLS: its load balancer, as its annotations say, or an Ingress of another controller. */
function endsTls(reader: Reader, { service, port }: ServiceTarget): boolean {
  const { annotations, namespace, name } = service.resource;
  const entries = Object.entries(annotations);
  // Some say for which ports, and that the balancer opens TLS again.
  const isOther = entries.some(([key, value]) => {
    if (/-backend-protocol$/.test(key)) return /^(ssl|https)$/i.test(value);
    return (
      /-(ssl|tls)-ports$/.test(key) && !value.split(',').some((one) => ['*', String(port.port), port.name].includes(one.trim()))
    );
  });
  if (!isOther && entries.some(([key]) => /ssl|tls|cert|app-protocols/i.test(key))) return true;
  return resourcesOf(reader.mesh().resources, 'Ingress').some(
    (ingress) => ingress.namespace === namespace && leadsTo(ingress, name),
  );
}

function leadsTo({ spec }: ResourceOf<'Ingress'>, service: string): boolean {
  const paths = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  return [spec.defaultBackend, ...paths.map(({ backend }) => backend)].some((backend) => backend?.service?.name === service);
}
