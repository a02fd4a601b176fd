/** A state that others wait to end. */
export class Pause {
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
  }

  end(): void {
    this.#end();
  }
}
