import type { ReceivedMessage } from '@infoscreen/service-kit';
import type { DiscoveryPayload, PresencePayload } from '@infoscreen/shared-types';

/** What a discovery can tell; `null` where it doesn't. */
export interface DiscoveryFields {
  readonly hostname: string | null;
  readonly ip: string | null;
  readonly model: string | null;
  readonly osVersion: string | null;
  readonly appVersion: string | null;
}

export interface Presence {
  readonly isOnline: boolean;
  readonly sessionId: string | null;
  readonly reason: string | null;
}

/** What one client says of itself, to be written at once. Times are this process's, in ms. */
export interface ClientIdentity {
  readonly clientUuid: string;
  readonly discovery: DiscoveryFields | undefined;
  readonly bootId: string | undefined;
  readonly presence: Presence | undefined;
  /** When the device itself spoke last; `null` where none of it is a sign that it lives now. */
  readonly aliveAtMs: number | null;
  /** To be acknowledged when it is stored. */
  readonly messages: readonly ReceivedMessage[];
}

/** @param isLive whether it came just now, and not from what the broker had kept */
export function identityOfDiscovery(
  clientUuid: string,
  payload: DiscoveryPayload,
  { message, isLive }: { readonly message: ReceivedMessage; readonly isLive: boolean },
): ClientIdentity {
  return {
    clientUuid,
    discovery: knownFields(payload),
    bootId: payload.boot_id || undefined,
    presence: undefined,
    aliveAtMs: isLive ? message.receivedAt.getTime() : null,
    messages: [message],
  };
}

export function identityOfPresence(
  clientUuid: string,
  payload: PresencePayload,
  { message, isLive }: { readonly message: ReceivedMessage; readonly isLive: boolean },
): ClientIdentity {
  return {
    clientUuid,
    discovery: undefined,
    bootId: undefined,
    presence: {
      isOnline: payload.online,
      sessionId: payload.session_id ?? null,
      reason: payload.reason ?? null,
    },
    // Only `online` is said by the device itself: `offline` is mostly its last will, said by the broker.
    aliveAtMs: isLive && payload.online && !message.retain ? message.receivedAt.getTime() : null,
    messages: [message],
  };
}

/** An empty text says nothing. */
export function knownFields(payload: DiscoveryPayload): DiscoveryFields {
  return {
    hostname: payload.hostname || null,
    ip: payload.ip || null,
    model: payload.model || null,
    osVersion: payload.os_version || null,
    appVersion: payload.app_version || null,
  };
}

/**
 * Both as one, where that changes nothing of what is stored in the end; else `undefined`, and the newer one has to be written
 * after the older one: each boot is recorded, and what follows from going offline is more than the last word on it. Pure.
 */
export function mergeIdentity(older: ClientIdentity, newer: ClientIdentity): ClientIdentity | undefined {
  if (older.bootId !== undefined && newer.bootId !== undefined && older.bootId !== newer.bootId)
    return undefined;
  if (!supersedes(newer.presence, older.presence)) return undefined;
  return {
    clientUuid: newer.clientUuid,
    discovery: mergeFields(older.discovery, newer.discovery),
    bootId: newer.bootId ?? older.bootId,
    presence: newer.presence ?? older.presence,
    aliveAtMs: newer.aliveAtMs ?? older.aliveAtMs,
    messages: [...older.messages, ...newer.messages],
  };
}

function supersedes(newer: Presence | undefined, older: Presence | undefined): boolean {
  if (newer === undefined || older === undefined) return true;
  if (newer.isOnline && older.isOnline) return true;
  return (
    newer.isOnline === older.isOnline && newer.sessionId === older.sessionId && newer.reason === older.reason
  );
}

function mergeFields(
  older: DiscoveryFields | undefined,
  newer: DiscoveryFields | undefined,
): DiscoveryFields | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  return {
    hostname: newer.hostname ?? older.hostname,
    ip: newer.ip ?? older.ip,
    model: newer.model ?? older.model,
    osVersion: newer.osVersion ?? older.osVersion,
    appVersion: newer.appVersion ?? older.appVersion,
  };
}

/** What its messages keep in memory. */
export function identityBytes({ messages }: Pick<ClientIdentity, 'messages'>): number {
  return messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
}
