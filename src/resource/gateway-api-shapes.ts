import type { KindNameOfGroup } from '../api/kinds.ts';
import { selectorOperator } from './kubernetes-shapes.ts';
import {
  boolean,
  choice,
  integer,
  integerBetween,
  list,
  map,
  type ObjectField,
  object,
  required,
  type Shape,
  text,
  textOf,
  withFallback,
} from './shape.ts';

/**
 * The shapes of the Gateway API kinds (types: api/gateway-api.ts) with the defaults of their schemas, version 1.5.1:
 * gateway.networking.k8s.io CRDs, standard and experimental channel.
 */

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const port = integerBetween(1, 65_535);
const namespace = textOf({ atMost: 63, pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/ });
const objectName = textOf({ atMost: 253 });
const sectionName = textOf({ atMost: 253, pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/ });
const preciseHostname = sectionName;
const hostname = textOf({
  atMost: 253,
  pattern: /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
});

type Fields = Readonly<Record<string, Shape | Omit<ObjectField, 'name'>>>;

const namespaces = (from: string): Omit<ObjectField, 'name'> =>
  withFallback(
    object({
      from: withFallback(choice('All', 'Selector', 'Same', 'None'), from),
      selector: object({
        matchLabels: map(text),
        matchExpressions: list(object({ key: required(text), operator: required(selectorOperator), values: list(text) })),
      }),
    }),
    {},
  );

const secretReference = object({
  group: withFallback(text, ''),
  kind: withFallback(text, 'Secret'),
  name: required(objectName),
  namespace,
});
const localReference = object({ group: required(text), kind: required(text), name: required(objectName), namespace });

const parentReferenceFields: Fields = {
  group: withFallback(text, GATEWAY_GROUP),
  kind: withFallback(text, 'Gateway'),
  namespace,
  name: required(objectName),
  sectionName,
  port,
};
const parentReference = object(parentReferenceFields);
const parentRefs = list(parentReference);

const listener = object({
  name: required(sectionName),
  hostname,
  port: required(port),
  protocol: required(text),
  tls: object({
    mode: withFallback(choice('Terminate', 'Passthrough'), 'Terminate'),
    certificateRefs: list(secretReference),
    options: map(text),
  }),
  allowedRoutes: withFallback(
    object({
      namespaces: namespaces('Same'),
      kinds: list(object({ group: withFallback(text, GATEWAY_GROUP), kind: required(text) })),
    }),
    {},
  ),
});

/** A Gateway can leave all listeners to ListenerSets. */
const listeners = withFallback(list(listener), []);

const frontendTls = object({
  validation: object({
    caCertificateRefs: list(localReference),
    mode: withFallback(choice('AllowValidOnly', 'AllowInsecureFallback'), 'AllowValidOnly'),
  }),
});

const gateway = object({
  gatewayClassName: required(text),
  listeners,
  addresses: list(object({ type: withFallback(text, 'IPAddress'), value: text })),
  infrastructure: object({ labels: map(text), annotations: map(text), parametersRef: localReference }),
  allowedListeners: object({ namespaces: namespaces('None') }),
  tls: object({
    backend: object({ clientCertificateRef: secretReference }),
    frontend: object({
      default: required(frontendTls),
      perPort: list(object({ port: required(port), tls: required(frontendTls) })),
    }),
  }),
});

const backendFields: Fields = {
  group: withFallback(text, ''),
  kind: withFallback(text, 'Service'),
  name: required(objectName),
  namespace,
  port,
};
const backendReference = object(backendFields);
const backendRefFields: Fields = { ...backendFields, weight: withFallback(integer, 1) };

const headers = list(object({ name: required(text), value: required(text) }));
const headerFilter = object({ set: headers, add: headers, remove: list(text) });
const pathModifier = object({
  type: required(choice('ReplaceFullPath', 'ReplacePrefixMatch')),
  replaceFullPath: text,
  replacePrefixMatch: text,
});
const requestMirror = object({
  backendRef: required(backendReference),
  percent: integer,
  fraction: object({ numerator: required(integer), denominator: withFallback(integer, 100) }),
});

const httpFilters = list(
  object({
    type: required(
      choice(
        'RequestHeaderModifier',
        'ResponseHeaderModifier',
        'RequestMirror',
        'RequestRedirect',
        'URLRewrite',
        'ExtensionRef',
        'CORS',
        'ExternalAuth',
      ),
    ),
    requestHeaderModifier: headerFilter,
    responseHeaderModifier: headerFilter,
    requestMirror,
    requestRedirect: object({
      scheme: choice('http', 'https'),
      hostname: preciseHostname,
      path: pathModifier,
      port,
      statusCode: withFallback(integer, 302),
    }),
    urlRewrite: object({ hostname: preciseHostname, path: pathModifier }),
    cors: object({
      allowOrigins: list(text),
      allowCredentials: boolean,
      allowMethods: list(text),
      allowHeaders: list(text),
      exposeHeaders: list(text),
      maxAge: withFallback(integer, 5),
    }),
    externalAuth: object({ backendRef: backendReference }),
    extensionRef: localReference,
  }),
);

const grpcFilters = list(
  object({
    type: required(choice('RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef')),
    requestHeaderModifier: headerFilter,
    responseHeaderModifier: headerFilter,
    requestMirror,
    extensionRef: localReference,
  }),
);

const nameMatches = list(
  object({ type: withFallback(choice('Exact', 'RegularExpression'), 'Exact'), name: required(text), value: required(text) }),
);
const sessionPersistence = object({
  sessionName: text,
  type: withFallback(choice('Cookie', 'Header'), 'Cookie'),
  cookieConfig: object({ lifetimeType: withFallback(choice('Permanent', 'Session'), 'Session') }),
});

const httpRule = object({
  name: sectionName,
  matches: withFallback(
    list(
      object({
        path: withFallback(
          object({
            type: withFallback(choice('Exact', 'PathPrefix', 'RegularExpression'), 'PathPrefix'),
            value: withFallback(text, '/'),
          }),
          {},
        ),
        headers: nameMatches,
        queryParams: nameMatches,
        method: choice('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'),
      }),
    ),
    [{}],
  ),
  filters: httpFilters,
  backendRefs: list(object({ ...backendRefFields, filters: httpFilters })),
  timeouts: object({ request: text, backendRequest: text }),
  retry: object({ codes: list(integer), attempts: integer, backoff: text }),
  sessionPersistence,
});

const grpcRule = object({
  name: sectionName,
  matches: list(
    object({
      method: object({
        type: withFallback(choice('Exact', 'RegularExpression'), 'Exact'),
        service: text,
        method: text,
      }),
      headers: nameMatches,
    }),
  ),
  filters: grpcFilters,
  backendRefs: list(object({ ...backendRefFields, filters: grpcFilters })),
  sessionPersistence,
});

const streamRules = list(object({ name: sectionName, backendRefs: list(object(backendRefFields)) }));

/** Shapes by kind, of what stands in `Resource.spec`. */
export const gatewayApiShapes: { readonly [K in KindNameOfGroup<'gateway.networking.k8s.io'>]: Shape } = {
  GatewayClass: object({ controllerName: required(text), parametersRef: localReference }),
  Gateway: gateway,
  ListenerSet: object({ parentRef: required(parentReference), listeners }),
  HTTPRoute: object({ parentRefs, hostnames: list(hostname), rules: withFallback(list(httpRule), [{}]) }),
  GRPCRoute: object({ parentRefs, hostnames: list(hostname), rules: list(grpcRule) }),
  TLSRoute: object({ parentRefs, hostnames: list(hostname), rules: streamRules }),
  TCPRoute: object({ parentRefs, rules: streamRules }),
  ReferenceGrant: object({
    from: list(object({ group: required(text), kind: required(text), namespace: required(namespace) })),
    to: list(object({ group: required(text), kind: required(text), name: objectName })),
  }),
  BackendTLSPolicy: object({
    targetRefs: list(object({ group: required(text), kind: required(text), name: required(objectName), sectionName })),
    validation: object({
      caCertificateRefs: list(localReference),
      wellKnownCACertificates: text,
      hostname: required(preciseHostname),
      subjectAltNames: list(object({ type: required(choice('Hostname', 'URI')), hostname, uri: text })),
    }),
    options: map(text),
  }),
};
