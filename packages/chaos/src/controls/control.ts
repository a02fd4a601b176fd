/** A test that has to fail while the control is taken away. */
export interface ControlTest {
  /** From the top folder. */
  readonly file: string;
  /** Its title as it stands there, or a part of it. */
  readonly name: string;
}

/** One security control of docs/security.md, and how it is taken away to see that a test notices. */
export interface Control {
  /** As in the document: short, kebab-case. */
  readonly id: string;
  /** From the top folder. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  /** What stands there without the control. */
  readonly replace: string;
  readonly test: ControlTest;
}
