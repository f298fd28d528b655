import { Injectable } from '@nestjs/common';

/** Stands for a secret manager, in which somebody replaces a secret while the app runs. */
@Injectable()
export class Secrets {
  private readonly secrets = new Map([['cards', [process.env.CARDS_SECRET ?? '']]]);

  read(name: string): Promise<readonly string[]> {
    return Promise.resolve(this.secrets.get(name) ?? []);
  }

  replace(name: string, secrets: readonly string[]): void {
    this.secrets.set(name, [...secrets]);
  }
}
