import { startProgram } from '../system/start-program.ts';
import type { BrokerLogin } from './connect-socket.ts';

/** Screens that do at once what they are told, in a process of their own. @param login may answer for all of them @returns what ends it */
export async function startScreens(login: BrokerLogin): Promise<() => Promise<void>> {
  const { stop } = await startProgram('load/screens-main', login);
  return stop;
}
