import classes from './tag.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'brand';

/** A state in a word, with a dot of its colour. The word alone is sufficient. */
export function Tag({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}
