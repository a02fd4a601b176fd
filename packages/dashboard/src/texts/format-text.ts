/** A sentence with `{names}` in it; two forms where it depends on `count`. */
export type Text = string | { readonly one: string; readonly other: string };
export type TextParameters = Readonly<Record<string, string | number>>;

/** Puts parameters in their places; numbers as the language writes them. */
export function formatText(text: Text, parameters: TextParameters, language: string): string {
  const form = typeof text === 'string' ? text : text[pluralForm(Number(parameters['count']), language)];
  return form.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = parameters[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}

function pluralForm(count: number, language: string): 'one' | 'other' {
  return new Intl.PluralRules(language).select(count) === 'one' ? 'one' : 'other';
}
