import { listed } from '../../util/text.ts';
import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** What lies in repositories beside manifests: what has to be built first, and kinds that Istio does not have. */

const MOST_NAMES = 10;

export const chartNotRendered: Problem<[folders: readonly string[]]> = defineProblem({
  code: 'MESH0070',
  name: 'chart-not-rendered',
  severity: 'info',
  about: 'A folder is a Helm chart. Its templates are no manifests before helm has rendered them, so they are passed over.',
  cause: 'mesh analyze folder, where the folder holds a Chart.yaml.',
  fix: 'Render the chart: --helm DIR (with --values FILE) calls helm; or pipe: helm template DIR | mesh analyze -',
  message: (folders) =>
    folders.length === 1
      ? `${folders[0]} is a Helm chart, passed over: --helm ${folders[0]} renders it (or helm template ${folders[0]} | mesh analyze -)`
      : `${folders.length} Helm charts are passed over: ${listed(folders, MOST_NAMES)}; --helm DIR renders one (or helm template DIR | mesh analyze -)`,
});

export const kustomizationNotBuilt: Problem<[folders: readonly string[]]> = defineProblem({
  code: 'MESH0071',
  name: 'kustomization-not-built',
  severity: 'info',
  about:
    'A folder is a kustomization that changes the manifests that it lists. They are read as they are written, in the namespace that it names; patches and other parts of the build are passed over.',
  cause: 'mesh analyze folder, where the folder holds a kustomization.yaml with patches.',
  fix: 'Build it: -k DIR calls kustomize or kubectl; or pipe: kubectl kustomize DIR | mesh analyze -',
  message: (folders) =>
    folders.length === 1
      ? `${folders[0]} is a kustomization and is not built, its manifests are read as they are: -k ${folders[0]} builds it`
      : `${folders.length} kustomizations are not built, their manifests are read as they are: ${listed(folders, MOST_NAMES)}; -k DIR builds one`,
});

export const templateNotRendered: Problem<[files: string]> = defineProblem({
  code: 'MESH0072',
  name: 'template-not-rendered',
  severity: 'error',
  about:
    'A file is a template: it holds {{ ... }}, or names and hosts with variables, that something else is to fill in. Nothing can be said of its objects.',
  cause: 'mesh analyze dr.yaml, where the name of an object is `{{ .Release.Name }}`.',
  fix: 'Render it first (helm template, kubectl kustomize, envsubst) and give mesh the result, as with mesh analyze -',
  message: (files) => `${files}: a template, passed over; render it first and give mesh the result`,
});

export const patchPassedOver: Problem<[files: readonly string[]]> = defineProblem({
  code: 'MESH0082',
  name: 'patch-passed-over',
  severity: 'info',
  about:
    'A document is a patch of an object and no manifest: it has `$patch`, or is a workload that says neither which pods it has nor what runs in them, or only the conversion of a definition, which no cluster takes. Nothing is said of it.',
  cause: 'mesh analyze folder, where a file holds a patch that no kustomization.yaml names: one that a script writes does.',
  fix: 'Build what the patch is for and give mesh the result, or leave the file out (.meshignore).',
  message: (files) => `${listed(files, MOST_NAMES)}: a patch of another object, passed over`,
});

export const kindUnknown: Problem<[kind: string, group: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0073',
  name: 'kind-unknown',
  severity: 'warning',
  about: 'A kind or a group is none of Istio, but nearly so. A cluster refuses the object; it is passed over.',
  example: 'apiVersion: networking.istio.io/v1\nkind: VirtualServce\nmetadata: {name: cart}\n',
  fix: 'Correct the kind or the apiVersion.',
  message: (kind, group, suggestions) => `there is no kind ${kind} in ${group}${didYouMean(suggestions)}, passed over`,
});

export const kindRemoved: Problem<[kind: string, group: string, release: string, instead: string]> = defineProblem({
  code: 'MESH0074',
  name: 'kind-removed',
  severity: 'warning',
  about: 'A kind was removed from Istio: nobody reads the object any more, and what it was to do is not done.',
  example: 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: default}\n',
  fix: 'Write what it was for with the kind that took its place.',
  message: (kind, group, release, instead) => `${group}/${kind} was removed in Istio ${release}, passed over: use ${instead}`,
});

export const ingressAssumed: Problem<[namespace: string, name: string, source?: string]> = defineProblem({
  code: 'MESH0076',
  name: 'ingress-assumed',
  severity: 'info',
  about:
    "Gateways select the ingress gateway of Istio's installation by its usual labels, or one that an IstioOperator, a HelmRelease or an Application of the input installs, and no such workload is in the input. It is taken to exist, with one pod and the ports of these Gateways.",
  cause: 'A Gateway with the selector `istio: ingressgateway`, without a pod that has this label.',
  fix: 'Nothing, or add the Deployment and Service of the gateway to the manifests if they differ from those of the installation.',
  message: (namespace, name, source = "Istio's installation") =>
    `no such gateway is in the input: ${name} in ${namespace}, as ${source} has it, is taken to exist`,
});

export const istiodAssumed: Problem<[namespace: string, name: string]> = defineProblem({
  code: 'MESH0081',
  name: 'istiod-assumed',
  severity: 'info',
  about:
    'A VirtualService or a DestinationRule is for the Service of istiod, which is not in the input. It is taken to exist as Istio installs it, with one pod.',
  cause: 'A VirtualService that opens istiod to other clusters, with the destination istiod.istio-system.svc.cluster.local.',
  fix: 'Nothing, or add the Service if it differs from that of the installation.',
  message: (namespace, name) =>
    `Service ${name} is not in the input: it is taken to exist in ${namespace}, as Istio's installation has it`,
});

export const meshConfigFound: Problem<[source: string, others: number]> = defineProblem({
  code: 'MESH0077',
  name: 'mesh-config-found',
  severity: 'info',
  about: 'MeshConfig is taken from what installs Istio: an IstioOperator, an Istio resource, or values of the chart of istiod.',
  cause: 'An IstioOperator with `spec.meshConfig` among the manifests, and no ConfigMap istio.',
  fix: 'Nothing, if that installation is the one that runs; else name MeshConfig: --mesh-config, or meshConfig in mesh.config.yaml.',
  message: (source, others) =>
    `MeshConfig is that of ${source}${others === 0 ? '' : ` (${others} more among the manifests are not used)`}; --mesh-config names another one`,
});

export const podsNotExpanded: Problem<[kind: string, count: number]> = defineProblem({
  code: 'MESH0078',
  name: 'pods-not-expanded',
  severity: 'info',
  about:
    'Objects of a kind that mesh does not read have a template of pods. These pods are not computed, and nothing is said of them.',
  cause: 'A Service of Knative among the manifests.',
  fix: 'Add the pods, or a Deployment, that the controller makes of the object.',
  message: (kind, count) => `the pods of ${count === 1 ? `a ${kind}` : `${count} objects of kind ${kind}`} are not computed`,
});

export const servicesElsewhere: Problem<[namespace: string, count: number]> = defineProblem({
  code: 'MESH0080',
  name: 'services-elsewhere',
  severity: 'error',
  about:
    'Many references look for services in a namespace that does not have them, and services of these names are written without a namespace: they are taken to be in "default".',
  cause: 'Routes to `cart.shop.svc.cluster.local`, and a Service `cart` that is applied with `kubectl apply -n shop`.',
  fix: 'Name the namespace of what names none with -n (namespace in mesh.config.yaml), or write it into the manifests.',
  message: (namespace, count) =>
    `${count} references look for services in namespace "${namespace}"; services of these names are written without a namespace and so taken to be in "default": -n ${namespace} reads them as if they were there`,
});

export const noMeshConfig: Problem<[found: string]> = defineProblem({
  code: 'MESH0079',
  name: 'no-mesh-config',
  severity: 'error',
  about: 'The file that is named as MeshConfig is a Kubernetes object that holds none.',
  cause: '--mesh-config with a ConfigMap that has no key mesh.',
  fix: 'Name the body of MeshConfig, the ConfigMap istio, an IstioOperator, an Istio resource or the values of the chart of istiod.',
  message: (found) => `${found} holds no MeshConfig`,
});

export const goneOn: Problem<[errors: number]> = defineProblem({
  code: 'MESH0075',
  name: 'gone-on',
  severity: 'warning',
  about: 'The input has errors, and the work went on without the documents that have them, since --keep-going asks for it.',
  cause: 'mesh translate --keep-going, with a document that cannot be read.',
  fix: 'Correct the errors.',
  message: (errors) =>
    `${errors === 1 ? '1 error' : `${errors} errors`} in the input: what stands there is missing from what is computed (--keep-going)`,
});
