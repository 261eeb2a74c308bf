/** The version of Istio whose istiod, agent and istioctl mesh computes after. */
export const ISTIO_VERSION = '1.30.3';
