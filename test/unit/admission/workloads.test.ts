import { describe, expect, test } from 'vitest';
import { check, checkText } from './check.ts';

describe('a ServiceEntry', () => {
  const ports = 'ports: [{number: 80, name: http, protocol: HTTP}]';
  const tcp = 'ports: [{number: 1, name: t, protocol: TCP}]';

  test('with hosts, ports and endpoints is good', () => {
    const endpoints = 'endpoints: [{address: 10.0.0.1, ports: {http: 8080}}]';
    expect(check('ServiceEntry', `{hosts: [a.com], ${ports}, resolution: STATIC, ${endpoints}}`)).toEqual([]);
    expect(check('ServiceEntry', `{hosts: [a.com], ${ports}, resolution: DNS}`)).toEqual([]);
  });

  test.each([
    ['needs hosts', `{${ports}}`, ['error spec.hosts: service entry must have at least one host']],
    [
      'takes no host that is all, and none with a star inside',
      `{hosts: ["*", "*a.com"], ${ports}}`,
      ['error spec.hosts[0]: invalid host *', 'warning spec.hosts[1]: partial wildcard "*a.com" not allowed'],
    ],
    [
      'stops at a bad selector',
      '{workloadSelector: {labels: {a: "*"}}}',
      ['error spec.workloadSelector.labels.a: wildcard is not supported in selector: "a=*"'],
    ],
    [
      'selects workloads or lists endpoints, and selects none without labels',
      `{hosts: [a.com], ${ports}, resolution: STATIC, workloadSelector: {}, endpoints: [{address: 1.1.1.1}]}`,
      [
        'error spec.workloadSelector: only one of WorkloadSelector or Endpoints is allowed in Service Entry',
        'warning spec.workloadSelector: service entry: workload selector specified without labels, will be applied to all services in namespace',
      ],
    ],
    [
      'has addresses, and ranges where names are not resolved',
      `{hosts: [a.com], ${ports}, addresses: [a, 10.0.0.0/8], resolution: DNS}`,
      [
        'error spec.addresses[0]: a is not a valid IP',
        'error spec.addresses[1]: CIDR addresses are allowed only for NONE/STATIC resolution types',
      ],
    ],
    [
      'has ports of known protocols, each once',
      '{hosts: [a.com], resolution: DNS, ports: [{number: 80, name: a_b, protocol: X, targetPort: 70000}, {number: 80, name: a_b}]}',
      [
        'error spec.ports[0].targetPort: port number 70000 must be in the range 1..65535',
        'error spec.ports[0].name: invalid port name: a_b',
        'error spec.ports[0].protocol: unsupported protocol: X',
        'error spec.ports[1].name: service entry port name "a_b" already defined',
        'error spec.ports[1].number: service entry port 80 already defined',
        'error spec.ports[1].name: invalid port name: a_b',
      ],
    ],
    [
      'needs addresses for TCP where none are allocated',
      `{hosts: [a.com], ${tcp}}`,
      [
        'warning spec.ports[0]: addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
      ],
    ],
    [
      'resolves nothing of NONE',
      `{hosts: [a.com], ${ports}, endpoints: [{address: 1.1.1.1}]}`,
      ['error spec.endpoints: no endpoints should be provided for resolution type none'],
    ],
    [
      'has addresses for the endpoints of STATIC, on its ports',
      `{hosts: [a.com], ${ports}, resolution: STATIC, endpoints: [{address: a.com, ports: {x: 0}}, {address: "unix:///s", ports: {http: 1}}, {}]}`,
      [
        'error spec.endpoints[0].address: endpoint address "a.com" is not a valid IP address',
        'error spec.endpoints[0].ports.x: endpoint port 0 is not defined by the service entry',
        'error spec.endpoints[0].ports.x: port number 0 must be in the range 1..65535',
        'error spec.endpoints[1].ports: unix endpoint unix:///s must not include ports',
        'error spec.endpoints[2].address: address is required',
      ],
    ],
    [
      'resolves full names with DNS, one of them for DNS_ROUND_ROBIN',
      `{hosts: ["*.a.com"], ${ports}, resolution: DNS}`,
      [
        'error spec.hosts[0]: hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode DNS, domain name "*.a.com" invalid (label "*" invalid)',
      ],
    ],
    [
      'has one endpoint for DNS_ROUND_ROBIN',
      `{hosts: [a.com], ${ports}, resolution: DNS_ROUND_ROBIN, endpoints: [{address: a_b}, {address: b.com}]}`,
      [
        'error spec.endpoints: there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN',
        'error spec.endpoints[0].address: endpoint address "a_b" is not a valid FQDN or an IP address',
      ],
    ],
    [
      'has wildcards and nothing else for DYNAMIC_DNS',
      `{hosts: [a.com], ${tcp}, resolution: DYNAMIC_DNS, addresses: [1.1.1.1], endpoints: [{address: 1.1.1.1}]}`,
      [
        'error spec.hosts[0]: host must be wildcarded for resolution mode DYNAMIC_DNS',
        'error spec.addresses: addresses cannot be set for resolution type DYNAMIC_DNS',
        'error spec.endpoints: endpoints cannot be set for resolution type DYNAMIC_DNS',
        'error spec.ports[0].protocol: only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS',
      ],
    ],
    [
      'tells several hosts apart by what is sent only',
      `{hosts: [a.com, b.com], ${tcp}, resolution: DNS}`,
      ['error spec.ports[0]: multiple hosts provided with non-HTTP, non-TLS ports'],
    ],
    [
      'is for nobody or for somebody',
      `{hosts: [a.com], ${ports}, exportTo: ["~", a]}`,
      ['error spec.exportTo: cannot export service entry to no one (~) and someone'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('ServiceEntry', spec)).toEqual(expected);
  });

  test('gets addresses unless its label says otherwise', () => {
    const spec = `{hosts: [a.com], ${tcp}, resolution: DNS}`;
    const refusal = ', labels: {networking.istio.io/enable-autoallocate-ip: "False"}';
    expect(check('ServiceEntry', spec)).toEqual([]);
    expect(check('ServiceEntry', spec, refusal)).toHaveLength(1);
  });
});

describe('a WorkloadEntry', () => {
  test.each([
    ['has an address', '{}', ['error spec.address: address is required']],
    ['can do without in another network', '{network: w}', ['warning spec.address: address is unset with network "w"']],
    ['can have a name', '{address: a.com, ports: {http: 80}, labels: {a: b}}', []],
    [
      'has a good name',
      '{address: a_b, ports: {a_b: 80}}',
      [
        'error spec.address: endpoint address "a_b" is not a valid FQDN or an IP address',
        'error spec.ports.a_b: invalid port name: a_b',
      ],
    ],
    ['can be a socket', '{address: "unix://@abstract"}', []],
  ])('%s', (_, spec, expected) => {
    expect(check('WorkloadEntry', spec)).toEqual(expected);
  });
});

describe('a WorkloadGroup', () => {
  test.each([
    ['has a template', '{}', ['error spec.template: template is required']],
    ['can do without a probe', '{template: {}}', []],
    ['has good labels', '{metadata: {labels: {"": b}}, template: {}}', ['error spec.metadata.labels[""]: invalid tag key: ""']],
    [
      'probes over HTTP',
      '{template: {}, probe: {periodSeconds: -1, httpGet: {scheme: ftp, httpHeaders: [{name: a_b}]}}}',
      [
        'error spec.probe.periodSeconds: periodSeconds must be non-negative',
        'error spec.probe.httpGet.port: port number 0 must be in the range 1..65535',
        'error spec.probe.httpGet.scheme: httpGet.scheme must be one of "HTTPS", "HTTP"',
        'error spec.probe.httpGet.httpHeaders[0].name: header name a_b is not a valid header name',
      ],
    ],
    ['probes with a command', '{template: {}, probe: {exec: {}}}', ['error spec.probe.exec.command: exec.command is required']],
    [
      'probes in no other way',
      '{template: {}, probe: {grpc: {port: 1}}}',
      ['error spec.probe: unknown health check method *v1alpha3.ReadinessProbe_Grpc'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('WorkloadGroup', spec)).toEqual(expected);
  });
});

describe('a Sidecar', () => {
  test.each([
    ['says something', '{}', ['error spec: sidecar: empty configuration provided']],
    [
      'has ports for ingress, each once',
      '{ingress: [{}, {port: {number: 80, protocol: X, name: a_b}}, {port: {number: 80, protocol: HTTP, targetPort: 1}}]}',
      [
        'error spec.ingress[0].port: sidecar: port is required for ingress listeners',
        'error spec.ingress[1].port.name: invalid port name: a_b',
        'error spec.ingress[1].port.protocol: unsupported protocol: X',
        'error spec.ingress[2].port.targetPort: targetPort has no impact on Sidecars',
        'error spec.ingress[2].port.number: sidecar: ports on IP bound listeners must be unique',
      ],
    ],
    [
      'passes connections to itself',
      '{ingress: [{port: {number: 80}, defaultEndpoint: "10.0.0.1:x"}]}',
      [
        'error spec.ingress[0].defaultEndpoint: sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset',
        'error spec.ingress[0].defaultEndpoint: sidecar: defaultEndpoint port (x) is not a number: strconv.Atoi: parsing "x": invalid syntax',
      ],
    ],
    [
      'has no certificates from elsewhere for ingress',
      '{ingress: [{port: {number: 80, protocol: HTTP}, tls: {mode: ISTIO_MUTUAL, httpsRedirect: true}}]}',
      [
        'error spec.ingress[0].tls.httpsRedirect: sidecar: httpsRedirect is not supported',
        'error spec.ingress[0].tls.mode: configuration is invalid: cannot set mode to ISTIO_MUTUAL in sidecar ingress tls',
        'error spec.ingress[0].tls: server cannot have TLS settings for non HTTPS/TLS ports',
      ],
    ],
    [
      'limits requests of HTTP ports only',
      '{ingress: [{port: {number: 80, protocol: TCP, name: t}, connectionPool: {http: {maxRetries: 1}}}]}',
      [
        'warning spec.ingress[0].connectionPool.http: sidecar: HTTP connection pool settings are configured for port 80 ("t") but its protocol is not HTTP (TCP); only TCP settings will apply',
      ],
    ],
    [
      'has one listener for everything, which is the last',
      '{egress: [{hosts: ["a/*"]}, {hosts: ["b/*"]}]}',
      ['error spec.egress[0].port: sidecar: the egress listener with empty port should be the last listener in the list'],
    ],
    [
      'binds ports to addresses, and sockets to none',
      '{egress: [{port: {number: 80}, bind: x, hosts: ["a/*"]}, {port: {}, captureMode: IPTABLES, hosts: ["a/*"]}]}',
      [
        'error spec.egress[0].bind: x is not a valid IP',
        'error spec.egress[1].bind: sidecar: ports with 0 value must have a unix domain socket bind address',
        'error spec.egress[1].captureMode: sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners',
      ],
    ],
    [
      'imports hosts of namespaces, each once',
      '{egress: [{hosts: [a.com, "n_s/a.com", "ns/short", "./a.com", "default/a.com", "*/*"]}]}',
      [
        'error spec.egress[0].hosts[0]: host must be of form namespace/dnsName',
        'error spec.egress[0].hosts[1]: invalid namespace value "n_s" in sidecar',
        'error spec.egress[0].hosts[2]: short names (non FQDN) are not allowed',
        'warning spec.egress[0].hosts[4]: duplicated egress host: default/a.com',
        'warning spec.egress[0].hosts: `*/*` host select all resources, no other hosts can be added',
      ],
    ],
    [
      'imports something',
      '{egress: [{}]}',
      ['error spec.egress[0].hosts: sidecar: egress listener must contain at least one host'],
    ],
    [
      'sends the rest through a proxy that it can name',
      '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: "*.a"}}}',
      [
        'error spec.outboundTrafficPolicy.egressProxy.host: domain name "*.a" invalid (label "*" invalid)',
        'error spec.outboundTrafficPolicy.egressProxy.port: sidecar: egress_proxy port must be non-nil',
      ],
    ],
    [
      'sends the rest through a proxy only where it sends it',
      '{outboundTrafficPolicy: {egressProxy: {host: a}}}',
      [
        'error spec.outboundTrafficPolicy.egressProxy: sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(check('Sidecar', spec)).toEqual(expected);
  });
});

describe('objects as they are written', () => {
  const service = (port: string, namespace = 'ns'): string[] =>
    checkText(`{apiVersion: v1, kind: Service, metadata: {name: a, namespace: ${namespace}}, spec: {ports: [${port}]}}`);

  test.each([
    ['a port says its protocol by its name', '{name: http-a, port: 1}', 0],
    ['or by appProtocol', '{name: a, port: 1, appProtocol: grpc}', 0],
    ['UDP needs neither', '{port: 1, protocol: UDP}', 0],
    ['a name of something else says nothing', '{name: a, port: 1}', 1],
    ['nor does no name', '{port: 1}', 1],
    ['nor an unknown appProtocol', '{name: http, port: 1, appProtocol: x}', 1],
  ])('%s', (_, port, errors) => {
    expect(service(port).filter((line) => line.startsWith('error'))).toHaveLength(errors);
    expect(service(port, 'istio-system')).toEqual([]);
  });

  test('a field beside spec is unknown', () => {
    expect(checkText('{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a}, servers: []}')).toEqual([
      'error servers: unknown field "servers"',
    ]);
  });

  test('what only the API server refuses is a note', () => {
    const [line, ...more] = checkText('{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {}}');
    expect(line).toMatch(/^info .*gatewayClassName/);
    expect(more).toEqual([]);
  });

  test('a resource that cannot be read in full is not checked further', () => {
    expect(check('Gateway', '{server: []}')).toEqual(['error unknown field "server" (did you mean "servers"?)']);
  });

  test.each([
    ['VirtualService', 'istio.io/dry-run', /unsupported annotation/],
    ['AuthorizationPolicy', 'istio.io/dry-run', /invalid value \(maybe\)/],
    ['Gateway', 'internal.istio.io/parents', /may not be set by users/],
    ['Gateway', 'internal.istio.io/webhook-always-reject', /rejecting/],
  ])('%s is refused for the annotation %s', (kind, annotation, expected) => {
    expect(check(kind, '{}', `, annotations: {${annotation}: maybe}`)).toEqual([expect.stringMatching(expected)]);
  });
});
