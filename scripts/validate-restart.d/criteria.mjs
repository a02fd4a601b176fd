/** A criterion that isn't met, with a sentence that says what was seen instead. */
export class NotMet extends Error {}

/** @throws NotMet unless `condition` holds */
export function expect(condition, whatWasSeen) {
  if (!condition) throw new NotMet(whatWasSeen);
}

/** What an earlier criterion found out. @throws NotMet where that one wasn't met */
export function found(value, what) {
  if (value === undefined) throw new NotMet(`not tried: there is no ${what}`);
  return value;
}

/** Prints a line for each acceptance criterion, and counts. */
export function createCriteria(write) {
  let checked = 0;
  let unmet = 0;
  return {
    /** @param work returns what to say beside PASS; a throw is a FAIL, and the run goes on */
    async check(title, work) {
      checked += 1;
      try {
        const detail = await work();
        write(`PASS  ${checked}. ${title}${detail ? `: ${detail}` : ''}`);
      } catch (error) {
        unmet += 1;
        const reason = error instanceof NotMet ? error.message : `unexpected: ${error?.message ?? error}`;
        write(`FAIL  ${checked}. ${title}: ${reason}`);
      }
    },
    /** Says what is being done meanwhile. */
    note(text) {
      write(`      ${text}`);
    },
    /** Prints the closing line. @returns whether all criteria are met */
    close() {
      write('');
      write(
        unmet === 0
          ? `All ${checked} acceptance criteria are met.`
          : `${unmet} of ${checked} acceptance criteria are not met.`,
      );
      return unmet === 0;
    },
  };
}
