import { Link } from 'react-router';

/** A screen by its name, else by the head of its UUID; leads to its view. */
export function ScreenLink({ uuid, hostname }: { readonly uuid: string; readonly hostname: string | null }) {
  return (
    <Link to={`/screens/${uuid}`} className="screen-link">
      {screenName({ uuid, hostname })}
    </Link>
  );
}

export function screenName({
  uuid,
  hostname,
}: {
  uuid: string;
  hostname: string | null | undefined;
}): string {
  return hostname === null || hostname === undefined || hostname === '' ? uuid.slice(0, 8) : hostname;
}
