import type { Report } from '../diagnostics/diagnostic.ts';
import { compareLocations } from '../diagnostics/places.ts';
import { ambientMode } from '../diagnostics/problems/istiod.ts';
import { DATAPLANE_MODE } from '../resource/ambient-labels.ts';
import { isWaypointClass } from '../resource/gateway-classes.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { fieldsOf } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import { ENABLE_AMBIENT, type IstiodSettings, isSaidByUser, variableOf } from './istiod-environment.ts';

/** Who may say that a mesh is in ambient mode, beside istiod's environment and the manifests. */
export interface AmbientSettings {
  /** `--ambient` */
  readonly flag: boolean | undefined;
  /** `ambient` of mesh.config.yaml. */
  readonly configured: boolean | undefined;
}

/**
 * Whether istiod is in ambient mode: as a flag, mesh.config.yaml or its environment says; else where a manifest makes no sense
 * without, since no manifest but istiod's own says it in so many words. What decided is reported.
 */
export function isInAmbientMode(
  { flag, configured }: AmbientSettings,
  istiod: IstiodSettings,
  documents: readonly SourceDocument[],
  report: Report,
): boolean {
  const asked = flag ?? configured;
  if (asked !== undefined) {
    if (asked) report(ambientMode({}, flag === undefined ? 'mesh.config.yaml says so' : '--ambient says so'));
    return asked;
  }
  const written = variableOf(ENABLE_AMBIENT, istiod, documents);
  if (parseGoBoolean(written?.value ?? '') === true) {
    report(ambientMode({}, `istiod's environment has ${ENABLE_AMBIENT}`));
    return true;
  }
  if (written !== undefined && isSaidByUser(written, istiod)) return false;
  // Of several, the first by name and then by place: the order of files must not matter.
  const [sign] = documents
    .flatMap((document) => {
      const found = signOf(document);
      return found === undefined ? [] : [{ document, ...found }];
    })
    .sort((a, b) => compareText(a.text, b.text) || compareLocations(a.document.locate(a.path), b.document.locate(b.path)));
  if (sign === undefined) return false;
  report(ambientMode({ location: sign.document.locate(sign.path), path: sign.path }, sign.text));
  return true;
}

/** What in a manifest belongs to ambient mode alone. */
function signOf({ value }: SourceDocument): { readonly text: string; readonly path: readonly string[] } | undefined {
  const { kind, metadata, spec } = fieldsOf(value);
  const { name, labels } = fieldsOf(metadata);
  if (typeof name !== 'string') return undefined;
  if ((kind === 'Namespace' || kind === 'Pod') && fieldsOf(labels)[DATAPLANE_MODE] === 'ambient') {
    return { text: `${kind} ${name} has the label ${DATAPLANE_MODE}: ambient`, path: ['metadata', 'labels', DATAPLANE_MODE] };
  }
  const { gatewayClassName } = fieldsOf(spec);
  if (kind === 'Gateway' && typeof gatewayClassName === 'string' && isWaypointClass(gatewayClassName, undefined)) {
    return { text: `Gateway ${name} is a waypoint`, path: ['spec', 'gatewayClassName'] };
  }
  return undefined;
}
