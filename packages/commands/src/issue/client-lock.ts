/** Key of the advisory lock under which commands of one client are issued; `clientUuid` is SQL for its text. */
export function clientLock(clientUuid: string): string {
  return `hashtextextended('infoscreen command ' || ${clientUuid}, 0)`;
}
