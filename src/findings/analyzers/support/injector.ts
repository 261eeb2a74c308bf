/** The ConfigMap of the sidecar injector of a revision; istio analyzers/util GetInjectorConfigMapName. */
export function injectorConfigMapName(revision: string): string {
  return revision === '' || revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`;
}
