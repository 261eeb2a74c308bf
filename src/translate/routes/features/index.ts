import type { RouteFeature } from '../route-input.ts';
import { cors } from './cors.ts';
import { destinations } from './destinations.ts';
import { directResponse } from './direct-response.ts';
import { fault } from './fault.ts';
import { hashPolicy } from './hash-policy.ts';
import { headers } from './headers.ts';
import { mirror } from './mirror.ts';
import { redirect } from './redirect.ts';
import { retry } from './retry.ts';
import { rewrite } from './rewrite.ts';
import { sessions } from './stateful-session.ts';
import { timeout } from './timeout.ts';

/** What every route has. */
export const routeFeatures: readonly RouteFeature[] = [headers, redirect, directResponse, fault, cors, sessions];

/** What only routes that send requests on have. */
export const forwardFeatures: readonly RouteFeature[] = [destinations, timeout, rewrite, mirror, retry, hashPolicy];
