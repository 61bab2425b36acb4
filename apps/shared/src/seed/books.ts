// title | author | price | stock | what the shop pays for it
const shelf = `
Pride and Prejudice | Jane Austen | 9.5 | 14 | 4.1
Emma | Jane Austen | 9 | 6 | 3.9
Jane Eyre | Charlotte Brontë | 10.5 | 9 | 4.6
Wuthering Heights | Emily Brontë | 9.5 | 7 | 4.2
Middlemarch | George Eliot | 14 | 5 | 6.8
Frankenstein | Mary Shelley | 8 | 21 | 3.2
Dracula | Bram Stoker | 9 | 12 | 3.7
The Picture of Dorian Gray | Oscar Wilde | 8.5 | 10 | 3.4
Great Expectations | Charles Dickens | 11 | 8 | 5
Bleak House | Charles Dickens | 13.5 | 3 | 6.4
Vanity Fair | William Makepeace Thackeray | 12.5 | 4 | 5.9
Tess of the d'Urbervilles | Thomas Hardy | 10 | 6 | 4.5
The Time Machine | H. G. Wells | 7 | 18 | 2.8
The War of the Worlds | H. G. Wells | 7.5 | 15 | 3
Treasure Island | Robert Louis Stevenson | 8 | 11 | 3.3
Kidnapped | Robert Louis Stevenson | 8 | 5 | 3.3
Alice's Adventures in Wonderland | Lewis Carroll | 7.5 | 23 | 2.9
The Secret Garden | Frances Hodgson Burnett | 8.5 | 9 | 3.5
The Wind in the Willows | Kenneth Grahame | 9 | 13 | 3.8
Moby-Dick | Herman Melville | 12 | 7 | 5.6
The Scarlet Letter | Nathaniel Hawthorne | 9 | 5 | 3.8
Little Women | Louisa May Alcott | 10 | 12 | 4.4
Adventures of Huckleberry Finn | Mark Twain | 9.5 | 10 | 4
The Turn of the Screw | Henry James | 7 | 6 | 2.7
The Age of Innocence | Edith Wharton | 10.5 | 8 | 4.7
The Awakening | Kate Chopin | 8 | 4 | 3.1
The Call of the Wild | Jack London | 7.5 | 14 | 3
O Pioneers! | Willa Cather | 9 | 3 | 3.9
Don Quixote | Miguel de Cervantes | 16 | 6 | 8.1
Madame Bovary | Gustave Flaubert | 10 | 7 | 4.4
Les Misérables | Victor Hugo | 18 | 4 | 9.2
The Count of Monte Cristo | Alexandre Dumas | 17 | 8 | 8.5
Twenty Thousand Leagues Under the Sea | Jules Verne | 10 | 11 | 4.5
Germinal | Émile Zola | 11 | 2 | 5.1
Candide | Voltaire | 6.5 | 16 | 2.4
Faust | Johann Wolfgang von Goethe | 9 | 5 | 3.9
The Metamorphosis | Franz Kafka | 6.5 | 19 | 2.5
The Trial | Franz Kafka | 9.5 | 9 | 4.1
Anna Karenina | Leo Tolstoy | 15 | 6 | 7.3
War and Peace | Leo Tolstoy | 19 | 3 | 9.8
Crime and Punishment | Fyodor Dostoevsky | 12.5 | 8 | 5.8
Fathers and Sons | Ivan Turgenev | 9 | 4 | 3.8
Dead Souls | Nikolai Gogol | 10.5 | 5 | 4.7
The Cherry Orchard | Anton Chekhov | 6 | 7 | 2.2
Hedda Gabler | Henrik Ibsen | 6 | 6 | 2.2
The Tale of Genji | Murasaki Shikibu | 21 | 2 | 11.5
The Divine Comedy | Dante Alighieri | 14.5 | 5 | 7
The Odyssey | Homer | 11 | 10 | 5
`;

/** A row of the table of books, which a policy may show to a caller in part. */
export interface StoredBook {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  readonly price: number;
  readonly stock: number;
  readonly costPrice: number;
}

// The ids are of one length, so that they sort as text as they do as numbers.
export const seedBooks: readonly StoredBook[] = shelf
  .trim()
  .split("\n")
  .map((line, index) => {
    const [title = "", author = "", price, stock, costPrice] = line.split(" | ");
    return {
      id: String(101 + index),
      title,
      author,
      price: Number(price),
      stock: Number(stock),
      costPrice: Number(costPrice),
    };
  });
