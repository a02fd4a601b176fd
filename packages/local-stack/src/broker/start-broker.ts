import { type BrokerKind, localBroker } from '../env.ts';
import type { Broker, BrokerOptions } from './broker.ts';
import { startEmbeddedBroker } from './embedded-broker/start-embedded-broker.ts';
import { findMosquitto } from './find-mosquitto.ts';
import { startMosquitto } from './start-mosquitto.ts';

/**
 * Starts the broker that `kind` or else `LOCAL_BROKER` names; when neither does, Mosquitto where one can be had, else
 * the embedded one.
 * @throws one sentence that says what to do
 */
export async function startBroker(
  options: BrokerOptions & { readonly kind?: BrokerKind | undefined },
): Promise<Broker> {
  const kind = options.kind ?? localBroker();
  if (kind === 'embedded') return startEmbeddedBroker(options);
  if (kind === 'mosquitto') return startMosquitto(options);
  const found = await findMosquitto();
  return found.kind === 'found'
    ? startMosquitto({ ...options, mosquitto: found.program })
    : startEmbeddedBroker(options);
}
