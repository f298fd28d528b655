import { Injectable } from '@nestjs/common';

/** Stands for a secret manager, in which somebody replaces a secret, or adds one, while the app runs. */
@Injectable()
export class Secrets {
  private readonly secrets = new Map([['cards', [process.env.CARDS_SECRET ?? '']]]);

  /** Resolves to undefined if there is no secret of that name. */
  read(name: string): Promise<readonly string[] | undefined> {
    return Promise.resolve(this.secrets.get(name));
  }

  set(name: string, secrets: readonly string[]): void {
    this.secrets.set(name, [...secrets]);
  }
}
