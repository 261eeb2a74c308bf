import type { FieldErrors, FieldPlace } from './place.ts';

function* checkIds(...ids: readonly FieldPlace[]): FieldErrors {
  for (const id of ids) yield* id.between(0, 2_147_483_647);
}

/** k8s.io/kubernetes pkg/apis/core/validation validatePodSpecSecurityContext. */
export function* checkPodSecurity(context: FieldPlace): FieldErrors {
  yield* checkIds(context.at('fsGroup'), context.at('runAsUser'), context.at('runAsGroup'));
  yield* checkIds(...context.at('supplementalGroups').items);
  yield* context.at('fsGroupChangePolicy').oneOf(['Always', 'OnRootMismatch'], false);
  yield* context.at('supplementalGroupsPolicy').oneOf(['Merge', 'Strict'], false);
  yield* checkSeccomp(context.at('seccompProfile'));
}

/** ValidateSecurityContext there. */
export function* checkContainerSecurity(context: FieldPlace): FieldErrors {
  yield* checkIds(context.at('runAsUser'), context.at('runAsGroup'));
  yield* context.at('procMount').oneOf(['Default', 'Unmasked'], false);
  yield* checkSeccomp(context.at('seccompProfile'));
  if (context.at('allowPrivilegeEscalation').value !== false) return;
  if (context.at('privileged').value === true) {
    yield context.invalid('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  }
  if (
    context
      .at('capabilities')
      .at('add')
      .items.some(({ text }) => text === 'CAP_SYS_ADMIN')
  ) {
    yield context.invalid('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
}

/** validateSeccompProfileField there. */
function* checkSeccomp(profile: FieldPlace): FieldErrors {
  if (!profile.isSet) return;
  const [type, local] = [profile.at('type'), profile.at('localhostProfile')];
  if (type.text === '') yield type.required('type is required when seccompProfile is set');
  else yield* type.oneOf(['Localhost', 'RuntimeDefault', 'Unconfined']);
  if (type.text === 'Localhost' && !local.isSet) yield local.required('must be set when seccomp type is Localhost');
}
