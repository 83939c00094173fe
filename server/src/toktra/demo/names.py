"""First and last names of the demo's people, by the region they work in. Made up; any likeness is chance."""

EUROPE = (
    """
    Amélie Anna Bartosz Camille Chiara Daan Elif Emil Femke Freya Giulia Hanna Henrik Inês Ivana Jakub
    Jonas Kasia Lars Léa Linnea Luca Magdalena Mateo Milan Nadia Niamh Oskar Paulína Pedro Rasmus Ronja
    Saoirse Sofia Tamsin Théo Tomáš Ulrike Viktor Zoë
    """,
    """
    Andersson Bakker Bianchi Brandt Byrne Costa Dubois Eriksson Fernández Fischer Fontaine García Gruber
    Hansen Horváth Ivanova Jansen Kaya Keller Kowalska Lindqvist López Moreau Müller Nielsen Novák
    O’Connor Papadakis Petrov Richter Rossi Schäfer Silva Sørensen Tanaka-Weiß Virtanen Vogel Walsh
    Wójcik Zimmermann
    """,
)
AMERICAS = (
    """
    Aaliyah Alejandra Andre Bianca Caleb Camila Carlos Dana Diego Ebony Elena Ethan Fabiola Gabriel
    Grace Hector Imani Isabella Jamal Jasmine Joaquín Kai Keisha Leonardo Lucía Malik Marisol Maya
    Miguel Naomi Noah Olivia Priya Quinn Rafael Renata Samuel Talia Tyler Valentina
    """,
    """
    Alvarez Anderson Baptiste Barbosa Bennett Brooks Campbell Castillo Chen Coleman Delgado Diaz Edwards
    Figueroa Foster Greene Gutiérrez Hayes Hernández Jackson Jefferson Kim Lopes Martínez Mitchell
    Morales Nguyen Oliveira Ortiz Parker Patel Ramírez Reyes Robinson Sánchez Souza Thompson Torres
    Washington Williams
    """,
)
ASIA = (
    """
    Aarav Aditi Aiko Anh Arjun Ayesha Bao Chloe Daichi Dewi Divya Farah Haruto Hiroshi Indra Jia Jun
    Kavya Kenji Lakshmi Linh Mei Minh Nurul Omar Putri Rahul Rizal Rohan Sakura Sanjay Seo-yeon Siti
    Somchai Tariq Thuy Wei Xin Yuki Zhen
    """,
    """
    Abdullah Agarwal Chan Chatterjee Choi Das Fujimoto Gupta Hashimoto Hussain Ito Iyer Kapoor Khan
    Kobayashi Kumar Lee Lim Mehta Nair Nakamura Ng Nguyen Park Pham Rahman Rao Santoso Sato Sharma Singh
    Suzuki Tan Tran Wang Wijaya Wong Yamada Zhang Zhou
    """,
)
