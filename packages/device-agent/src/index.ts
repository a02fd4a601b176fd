export { type AgentLog, createJsonLog, SILENT_LOG } from './agent/agent-log.ts';
export type { DeviceAgentOptions } from './agent/agent-options.ts';
export { createDeviceAgent, DeviceAgent } from './agent/device-agent.ts';
export type { ServiceFailure } from './agent/failed-units.ts';
export type { Backoff } from './agent/jitter.ts';
export type { FailedUnit } from './agent/reports.ts';
export type {
  BrokerAddress,
  BrokerLink,
  ConnectBroker,
  LinkOptions,
  OutgoingMessage,
} from './broker/broker-link.ts';
export { connectBroker } from './broker/broker-link.ts';
export type { AgentMemory, CommandResult, RememberedCommand } from './commands/agent-memory.ts';
export { type AgentState, type CommandDecision, decideCommand } from './commands/decide-command.ts';
export { SettingsError, type SimulationSettings } from './env.ts';
export {
  type AgentHost,
  HostActionError,
  type HostIdentity,
  type HostMetrics,
  type PlayerProcess,
} from './host/agent-host.ts';
export { createLinuxHost, type HostCommand, type LinuxHostSettings } from './host/linux-host.ts';
export type { Lies } from './simulation/lies.ts';
export type { ScreenAccount } from './simulation/screen-accounts.ts';
export { type SimulatedFleet, startSimulatedFleet } from './simulation/simulate.ts';
export type { CommandFailure, Execution } from './simulation/simulated-host.ts';
export { createSimulatedScreen, SimulatedScreen } from './simulation/simulated-screen.ts';
export type { SimulatedScreenOptions } from './simulation/simulated-screen-options.ts';
export type { AgentStore } from './store/agent-store.ts';
export { createFileStore } from './store/file-store.ts';
export { createMemoryStore } from './store/memory-store.ts';
