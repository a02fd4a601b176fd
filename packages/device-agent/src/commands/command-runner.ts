import type { AckStatus, CommandMessage } from '@infoscreen/shared-types';
import type { AgentLog } from '../agent/agent-log.ts';
import { delay, settledWithin } from '../agent/delay.ts';
import { type AgentHost, HostActionError } from '../host/agent-host.ts';
import type { AgentMemory, CommandResult, RememberedCommand } from './agent-memory.ts';
import { markConfirmed, remember } from './agent-memory.ts';
import type { CommandDecision, decideCommand } from './decide-command.ts';
import { COMPLETED, EXPIRED, isExpired } from './decide-command.ts';
import { parseCommand } from './parse-command.ts';
import { settleAfterStart } from './settle-after-start.ts';

/** What an ACK says besides time and boot id. */
export interface AckReport {
  readonly commandId: string;
  readonly status: AckStatus;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

export interface CommandRunnerDeps {
  readonly clientUuid: string;
  readonly host: AgentHost;
  /** The host's boot id as far as the agent reports one; `null` for a legacy agent. */
  readonly reportedBootId: string | null;
  readonly memory: AgentMemory;
  readonly saveMemory: (memory: AgentMemory) => Promise<void>;
  readonly decide: typeof decideCommand;
  /** Resolves at the broker's PUBACK, however late; never rejects. */
  readonly acknowledge: (report: AckReport) => Promise<void>;
  /** Leaves the broker with a word, and stays away until `comeBack`. */
  readonly leave: (reason: 'reboot' | 'shutdown') => Promise<void>;
  readonly comeBack: () => void;
  readonly now: () => number;
  /** How long the host may take from the order to reboot or power off until it is gone. */
  readonly powerActionTimeoutMs: number;
  /** Aborted when this process ends: nothing is done or said after it. */
  readonly signal: AbortSignal;
  readonly log: AgentLog;
}

/** A reboot or power-off doesn't wait longer than this for the broker to confirm what was said before it. */
const LAST_WORDS_TIMEOUT_MS = 2_000;

/**
 * Takes commands, one at a time in the order of their arrival. Each is remembered before it is acknowledged to the broker
 * and again before it runs, so that whatever dies in between, it never runs twice.
 */
export class CommandRunner {
  readonly #deps: CommandRunnerDeps;
  #memory: AgentMemory;
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: CommandRunnerDeps) {
    this.#deps = deps;
    this.#memory = deps.memory;
  }

  get memory(): AgentMemory {
    return this.#memory;
  }

  /** Ends or continues what the last life of the agent left open, and repeats results that the broker never confirmed. */
  async settle(): Promise<void> {
    for (const command of this.#memory.commands) {
      if (command.state === 'finished' && !command.isConfirmed)
        void this.#report(command.commandId, command.result);
    }
    for (const command of settleAfterStart(this.#memory.commands, this.#deps.host.bootId())) {
      if (command.kind === 'finish') await this.#finish(command.commandId, command.result);
      else this.#enqueue(command.message);
    }
  }

  /** Takes one message of a command topic. Resolves when it may be acknowledged to the broker. */
  async receive(payload: Uint8Array): Promise<void> {
    const { log, clientUuid } = this.#deps;
    const parsed = parseCommand(payload);
    if (parsed.kind === 'command') return this.#handle(parsed.message);
    if (parsed.kind === 'invalid')
      return log.warn('command not readable, ignored', { detail: parsed.detail });
    if (parsed.clientUuid !== clientUuid) return;
    await this.#finish(parsed.commandId, {
      status: 'failed',
      errorCode: 'unsupported_action',
      errorMessage: 'this agent does not know the action',
    });
  }

  async #handle(message: CommandMessage): Promise<void> {
    const { decide, clientUuid, reportedBootId, now, log } = this.#deps;
    const state = { clientUuid, bootId: reportedBootId, commands: this.#memory.commands };
    const decision: CommandDecision = decide(message, state, now());
    const commandId = message.command_id;
    log.info('command received', { command_id: commandId, action: message.action, decision: decision.kind });
    switch (decision.kind) {
      case 'run':
        return this.#accept(message);
      case 'repeat_result':
        void this.#report(commandId, decision.result);
        return;
      case 'in_progress':
        void this.#deps.acknowledge({ commandId, status: decision.status });
        return;
      case 'already_rebooted':
      case 'boot_changed':
      case 'expired':
        await this.#finish(commandId, decision.result);
        return;
      case 'not_mine':
        return;
      default:
        decision satisfies never;
    }
  }

  async #accept(message: CommandMessage): Promise<void> {
    const commandId = message.command_id;
    const isSaved = await this.#remember({
      state: 'accepted',
      commandId,
      bootId: this.#deps.host.bootId(),
      message,
    });
    // Without a memory that outlives a reboot, only the boot fence can keep this command from running again after it.
    if (!isSaved && (message.boot_id === null || this.#deps.reportedBootId === null)) {
      await this.#finish(commandId, {
        status: 'failed',
        errorCode: 'store_unavailable',
        errorMessage: 'the command could not be remembered safely, so it was not run',
      });
      return;
    }
    void this.#deps.acknowledge({ commandId, status: 'accepted' });
    this.#enqueue(message);
  }

  #enqueue(message: CommandMessage): void {
    this.#queue = this.#queue.then(() => this.#execute(message));
  }

  async #execute(message: CommandMessage): Promise<void> {
    const { host, now, signal, acknowledge } = this.#deps;
    const commandId = message.command_id;
    if (signal.aborted) return;
    if (isExpired(message, now())) return this.#finishExpired(commandId);
    const { action } = message;
    await this.#remember({ state: 'execution_started', commandId, bootId: host.bootId(), action });
    const started = acknowledge({ commandId, status: 'execution_started' });
    if (action !== 'restart_app') await settledWithin(LAST_WORDS_TIMEOUT_MS, started);
    if (signal.aborted) return;
    // Its time may have run out while the broker was slow to confirm.
    if (isExpired(message, now())) return this.#finishExpired(commandId);
    try {
      await this.#act(message);
    } catch (error) {
      if (signal.aborted) return;
      await this.#finish(commandId, failureOf(error));
      this.#deps.comeBack();
    }
  }

  async #finishExpired(commandId: string): Promise<void> {
    await this.#finish(commandId, EXPIRED);
  }

  async #act(message: CommandMessage): Promise<void> {
    const { host, leave, signal } = this.#deps;
    const commandId = message.command_id;
    switch (message.action) {
      case 'restart_app':
        await host.restartApp(message);
        if (!signal.aborted) await this.#finish(commandId, COMPLETED);
        return;
      case 'shutdown_host':
        await host.shutdown(message, async () => {
          const { confirmed } = await this.#finish(commandId, COMPLETED);
          await settledWithin(LAST_WORDS_TIMEOUT_MS, confirmed);
          await leave('shutdown');
        });
        return this.#outlivePowerAction(message);
      case 'reboot_host':
        await host.reboot(message, () => leave('reboot'));
        return this.#outlivePowerAction(message);
      default:
        message.action satisfies never;
    }
  }

  /** Still here long after the power should have gone: the host took the order and did not follow it. */
  async #outlivePowerAction(message: CommandMessage): Promise<void> {
    const { powerActionTimeoutMs, signal, log } = this.#deps;
    await delay(powerActionTimeoutMs, signal);
    if (signal.aborted) return;
    log.error('the host did not go down', { command_id: message.command_id, action: message.action });
    throw new HostActionError('host_did_not_go_down', 'the host accepted the order and did not go down');
  }

  /** The first result of a command stands, and is only said again. */
  async #finish(commandId: string, result: CommandResult): Promise<{ readonly confirmed: Promise<void> }> {
    const known = this.#memory.commands.find((command) => command.commandId === commandId);
    if (known?.state === 'finished') return { confirmed: this.#report(commandId, known.result) };
    await this.#remember({ state: 'finished', commandId, result, isConfirmed: false });
    this.#deps.log.info('command finished', {
      command_id: commandId,
      status: result.status,
      error_code: result.errorCode,
    });
    return { confirmed: this.#report(commandId, result) };
  }

  #report(commandId: string, { status, errorCode, errorMessage }: CommandResult): Promise<void> {
    // Not saved at once: forgetting it costs one harmless repetition after the next start.
    return this.#deps.acknowledge({ commandId, status, errorCode, errorMessage }).then(() => {
      this.#memory = markConfirmed(this.#memory, commandId);
    });
  }

  /** @returns whether it is safely stored; what the process has in mind changes either way, and at once */
  async #remember(command: RememberedCommand): Promise<boolean> {
    // What is left of an ended process must not write over the memory of the next one.
    if (this.#deps.signal.aborted) return false;
    this.#memory = remember(this.#memory, command);
    try {
      await this.#deps.saveMemory(this.#memory);
      return true;
    } catch (error) {
      this.#deps.log.error('agent memory could not be saved', { error: String(error) });
      return false;
    }
  }
}

function failureOf(error: unknown): CommandResult {
  const errorCode = error instanceof HostActionError ? error.errorCode : 'execution_failed';
  const errorMessage = error instanceof Error ? error.message : String(error);
  return { status: 'failed', errorCode: errorCode.slice(0, 64), errorMessage: errorMessage.slice(0, 1024) };
}
